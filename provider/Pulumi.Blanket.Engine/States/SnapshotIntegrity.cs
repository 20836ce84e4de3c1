using System.Collections.Immutable;

namespace Pulumi.Blanket.Engine.States;

/// <summary>
/// What every state has to be, before it is worked on and before it is written: each resource behind its provider, its parent and all that it depends on,
/// and no two resources with one URN (pulumi/pulumi, <c>pkg/resource/deploy/snapshot.go</c>, VerifyIntegrity).
/// </summary>
public static class SnapshotIntegrity
{
    /// <summary>What is wrong with a state, in words; empty where nothing is.</summary>
    public static ImmutableArray<string> FaultsOf(Snapshot snapshot)
    {
        var faults = ImmutableArray.CreateBuilder<string>();
        HashSet<string> urns = new(StringComparer.Ordinal);
        HashSet<string> providers = new(StringComparer.Ordinal);
        HashSet<string>? all = null;
        foreach (var resource in snapshot.Resources)
        {
            if (ProviderReference.IsProviderType(resource.Type))
            {
                providers.Add(resource.ProviderReference);
                if (resource.Id.Length == 0)
                {
                    faults.Add($"the provider {resource.Urn} has no id");
                }
            }
            if (resource.Provider.Length > 0 && !providers.Contains(resource.Provider))
            {
                faults.Add(snapshot.Resources.Any(other => other.ProviderReference == resource.Provider)
                    ? $"{resource.Urn} stands before its provider {resource.Provider}" : $"the provider {resource.Provider} of {resource.Urn} is not there");
            }

            foreach (var (relation, urn) in RelationsOf(resource).Where(other => !urns.Contains(other.Urn)))
            {
                all ??= snapshot.Resources.Select(other => other.Urn).ToHashSet(StringComparer.Ordinal);
                faults.Add(all.Contains(urn) ? $"{resource.Urn} stands before {urn}, {relation}" : $"{urn}, {relation} of {resource.Urn}, is not there");
            }

            // Views have their owner's names in none of their own.
            if (!urns.Add(resource.Urn) && !resource.Delete && resource.ViewOf.Length == 0)
            {
                faults.Add($"{resource.Urn} is there twice");
            }
        }

        return faults.ToImmutable();
    }

    /// <exception cref="EngineException">Something is wrong.</exception>
    /// <param name="remedy">What the user can do.</param>
    internal static void Verify(Snapshot snapshot, string remedy)
    {
        if (FaultsOf(snapshot) is { IsEmpty: false } faults)
        {
            throw new EngineException(EngineFailure.InvalidState, $"{Describe(faults)}; {remedy}");
        }
    }

    /// <summary>The first faults, and how many more there are.</summary>
    public static string Describe(ImmutableArray<string> faults)
    {
        const int Shown = 5;
        return string.Join("; ", faults.Take(Shown)) + (faults.Length > Shown ? $"; and {faults.Length - Shown} more" : "");
    }

    /// <summary>A state in the right order, without references to what is not there.</summary>
    /// <param name="removed">Told of each reference that was left out.</param>
    /// <returns>The state; what can't be mended so (two resources with one URN, a provider that is not there) is still wrong with it.</returns>
    public static Snapshot Repair(Snapshot snapshot, Action<string> removed)
    {
        var all = snapshot.Resources.Select(resource => resource.Urn).ToHashSet(StringComparer.Ordinal);
        var stack = snapshot.Resources.FirstOrDefault(resource => resource.Type == Urn.StackType)?.Urn ?? "";
        var mended = ImmutableArray.CreateRange(snapshot.Resources, resource =>
        {
            foreach (var (relation, urn) in RelationsOf(resource).Where(other => !all.Contains(other.Urn)).Distinct())
            {
                removed($"{resource.Urn}: {urn}, {relation}, is not there, and no more named");
            }

            return resource with
            {
                Parent = resource.Parent.Length == 0 || all.Contains(resource.Parent) ? resource.Parent : stack,
                Dependencies = [.. resource.Dependencies.Where(all.Contains)],
                PropertyDependencies = resource.PropertyDependencies?.ToImmutableSortedDictionary(property => property.Key, property => property.Value.Where(all.Contains).ToImmutableArray(), StringComparer.Ordinal),
                DeletedWith = all.Contains(resource.DeletedWith) ? resource.DeletedWith : "",
                ViewOf = all.Contains(resource.ViewOf) ? resource.ViewOf : "",
            };
        });
        return snapshot with { Resources = StateOrder.Sort(mended) };
    }

    private static IEnumerable<(string Relation, string Urn)> RelationsOf(ResourceState resource)
    {
        if (resource.Parent.Length > 0)
        {
            yield return ("its parent", resource.Parent);
        }

        foreach (var urn in resource.Dependencies)
        {
            yield return ("on which it depends", urn);
        }

        foreach (var (name, urns) in resource.PropertyDependencies ?? ImmutableSortedDictionary<string, ImmutableArray<string>>.Empty)
        {
            foreach (var urn in urns)
            {
                yield return ($"on which its input {name} depends", urn);
            }
        }

        if (resource.DeletedWith.Length > 0)
        {
            yield return ("with which it is deleted", resource.DeletedWith);
        }

        if (resource.ViewOf.Length > 0)
        {
            yield return ("of which it is a view", resource.ViewOf);
        }
    }
}
