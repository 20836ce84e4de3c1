using System.Collections.Concurrent;
using Pulumi.Blanket.Engine.Deployments;
using Pulumi.Blanket.Engine.States;

namespace Pulumi.Blanket.Engine.Tests.Deployments;

/// <summary>Keeps what a deployment tells.</summary>
internal sealed class TestObserver : IDeploymentObserver
{
    public ConcurrentQueue<Step> Done { get; } = new();

    public ConcurrentQueue<Step> Failed { get; } = new();

    public ConcurrentQueue<DeploymentMessage> Messages { get; } = new();

    public void Clear()
    {
        Done.Clear();
        Failed.Clear();
        Messages.Clear();
    }

    public void StepStarted(Step step)
    {
    }

    public void StepDone(Step step, TimeSpan duration) => Done.Enqueue(step);

    public void StepFailed(Step step, TimeSpan duration) => Failed.Enqueue(step);

    public void MessageCame(DeploymentMessage message) => Messages.Enqueue(message);

    public void OutputsRegistered(ResourceState resource)
    {
    }
}
