using Pulumi.Blanket.Engine.Deployments;

namespace Pulumi.Blanket.Cli.Display;

/// <summary>Shows a deployment while it goes on, and what came of it.</summary>
internal interface IDeploymentDisplay : IDeploymentObserver, IAsyncDisposable
{
    /// <summary>Ends what moves on the screen, and shows what came of it.</summary>
    Task FinishAsync(DeploymentResult? result, TimeSpan duration);
}
