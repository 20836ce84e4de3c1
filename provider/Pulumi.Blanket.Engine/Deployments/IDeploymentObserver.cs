using Pulumi.Blanket.Engine.States;

namespace Pulumi.Blanket.Engine.Deployments;

/// <summary>Sees a deployment go on. Called from many threads at once; must not block for long.</summary>
public interface IDeploymentObserver
{
    void StepStarted(Step step);

    void StepDone(Step step, TimeSpan duration);

    /// <summary>The step failed; a message of severity error has said why.</summary>
    void StepFailed(Step step, TimeSpan duration);

    void MessageCame(DeploymentMessage message);

    /// <summary>A component's or the stack's outputs.</summary>
    void OutputsRegistered(ResourceState resource);
}
