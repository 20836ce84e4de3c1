using Pulumi.Blanket.Engine.States;

namespace Pulumi.Blanket.Engine.Tests.Deployments;

/// <summary>What Pulumi's engine demands of a state before it works on it (pulumi/pulumi, <c>pkg/resource/deploy/snapshot.go</c>, VerifyIntegrity).</summary>
internal static class StateIntegrity
{
    public static void Assert(Snapshot state)
    {
        Xunit.Assert.Empty(SnapshotIntegrity.FaultsOf(state));
        HashSet<string> there = new(StringComparer.Ordinal);
        HashSet<string> providers = new(StringComparer.Ordinal);
        foreach (var resource in state.Resources)
        {
            if (ProviderReference.IsProviderType(resource.Type))
            {
                Xunit.Assert.True(resource.Id.Length > 0 && resource.Id != ProviderReference.UnknownId, $"the provider {resource.Urn} has no id");
                providers.Add(resource.ProviderReference);
            }

            Xunit.Assert.All(
                resource.Dependencies.Concat(resource.PropertyDependencies?.Values.SelectMany(urns => urns) ?? []).Append(resource.Parent).Append(resource.DeletedWith).Append(resource.ViewOf).Where(urn => urn.Length > 0),
                urn => Xunit.Assert.True(there.Contains(urn), $"{resource.Urn} stands before {urn}, on which it depends, or that is not there at all:\n{Describe(state)}"));
            Xunit.Assert.True(there.Add(resource.Urn) || resource.ViewOf.Length > 0 || resource.Delete, $"{resource.Urn} is there twice:\n{Describe(state)}");

            if (resource.Provider.Length > 0)
            {
                Xunit.Assert.True(providers.Contains(resource.Provider), $"the provider {resource.Provider} of {resource.Urn} stands behind it, or is not there:\n{Describe(state)}");
            }
            else
            {
                Xunit.Assert.False(resource.Custom && !ProviderReference.IsProviderType(resource.Type), $"{resource.Urn} has no provider");
            }
        }
    }

    public static string Describe(Snapshot state) => string.Join("\n", state.Resources.Select(resource
        => $"{resource.Urn} {resource.Id}{(resource.Delete ? " to be deleted" : "")}{(resource.PendingReplacement ? " to be made again" : "")} <- {string.Join(", ", resource.AllDependencies.Select(Urn.NameOf))}"));
}
