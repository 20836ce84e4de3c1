using Pulumi.Blanket.Engine.Plugins;
using Pulumi.Blanket.Engine.States;

namespace Pulumi.Blanket.Engine.Deployments;

/// <summary>One step of a deployment, as observers see it.</summary>
/// <param name="Old">The resource before; null where it was not there.</param>
/// <param name="New">The resource as it is to be, and once the step is done, as it is; null where it goes.</param>
/// <param name="Diff">Why; null where that is plain.</param>
/// <param name="IsRetained">Deleted from the state only.</param>
/// <param name="Result">Of a refresh: what it came to.</param>
public sealed record Step(StepOperation Operation, string Urn, ResourceState? Old, ResourceState? New, ResourceDiff? Diff = null, bool IsRetained = false, StepOperation? Result = null)
{
    /// <summary>Providers that nobody declared; people don't want to see them.</summary>
    public bool IsDefaultProvider => ProviderReference.IsDefault(Urn);

    public ResourceState Any => New ?? Old!;
}
