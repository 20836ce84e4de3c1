using System.Collections.Immutable;
using Pulumi.Blanket.Engine.States;

namespace Pulumi.Blanket.Engine.Deployments;

/// <summary>What came of a deployment.</summary>
/// <param name="Succeeded">All that was asked for is done.</param>
/// <param name="WasStopped">The user ended it.</param>
/// <param name="Snapshot">The state as it is now; in a preview as it would be.</param>
/// <param name="Changes">How many resources each kind of step touched, default providers left out.</param>
public sealed record DeploymentResult(bool Succeeded, bool WasStopped, Snapshot Snapshot, ImmutableSortedDictionary<StepOperation, int> Changes)
{
    /// <summary>How many resources were, or would be, changed.</summary>
    public int ChangeCount => Changes.Where(change => change.Key is not (StepOperation.Same or StepOperation.Read or StepOperation.Refresh)).Sum(change => change.Value);
}
