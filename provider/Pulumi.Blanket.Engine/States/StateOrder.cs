using System.Collections.Immutable;

namespace Pulumi.Blanket.Engine.States;

/// <summary>The order in which a state's resources have to stand: each behind all that it depends on.</summary>
internal static class StateOrder
{
    /// <summary>The resources in such an order: as they are where they are in one, and otherwise with what stands too late moved ahead.</summary>
    public static ImmutableArray<ResourceState> Sort(ImmutableArray<ResourceState> resources)
    {
        if (IsOrdered(resources))
        {
            return resources;
        }

        // Of two with one URN the one that is to be deleted is nobody's dependency, but for providers, which are named with their ids.
        var byName = resources.Where(resource => !resource.Delete).Select(resource => (Name: resource.Urn, Resource: resource))
            .Concat(resources.Select(resource => (Name: resource.ProviderReference, Resource: resource))).ToLookup(named => named.Name, named => named.Resource, StringComparer.Ordinal);
        var ordered = ImmutableArray.CreateBuilder<ResourceState>(resources.Length);
        HashSet<ResourceState> seen = new(ReferenceEqualityComparer.Instance);
        Stack<(ResourceState Resource, Queue<ResourceState> Dependencies)> open = new();
        foreach (var resource in resources)
        {
            Open(resource);
            while (open.TryPeek(out var top))
            {
                if (top.Dependencies.TryDequeue(out var dependency))
                {
                    Open(dependency);
                }
                else
                {
                    ordered.Add(open.Pop().Resource);
                }
            }
        }

        return ordered.MoveToImmutable();

        void Open(ResourceState resource)
        {
            if (seen.Add(resource))
            {
                open.Push((resource, new Queue<ResourceState>(NamesOf(resource).SelectMany(name => byName[name]))));
            }
        }
    }

    // What waits for its deletion stands behind what took its place.
    private static IEnumerable<string> NamesOf(ResourceState resource)
        => (resource with { Provider = "" }).AllDependencies.Append(resource.Provider).Concat(resource.Delete ? [resource.Urn] : []);

    private static bool IsOrdered(ImmutableArray<ResourceState> resources)
    {
        HashSet<string> all = new(resources.SelectMany(resource => (string[])[resource.Delete ? resource.ProviderReference : resource.Urn, resource.ProviderReference]), StringComparer.Ordinal);
        HashSet<string> there = new(StringComparer.Ordinal);
        foreach (var resource in resources)
        {
            if (NamesOf(resource).Any(urn => all.Contains(urn) && !there.Contains(urn)))
            {
                return false;
            }

            there.Add(resource.Urn);
            there.Add(resource.ProviderReference);
        }

        return true;
    }
}
