namespace Pulumi.Blanket.Agent.Serving;

/// <summary>Work beside which the agent must not stand still, not even for a moment.</summary>
internal interface IDelicateWork
{
    bool IsGoingOn { get; }
}
