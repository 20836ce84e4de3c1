using System.Collections.Immutable;
using Pulumi.Blanket.Protocol;

namespace Pulumi.Blanket.Engine.States;

/// <summary>Changes of a state alone, with which no provider has to do.</summary>
public static class StateEdits
{
    /// <summary>The resource that a text means: its URN, or its name where only one has it.</summary>
    /// <exception cref="EngineException">There is none, or more than one.</exception>
    public static ResourceState Find(Snapshot snapshot, string text)
    {
        var found = snapshot.Resources.Where(resource => resource.Urn == text).ToList();
        if (found.Count == 0)
        {
            found = [.. snapshot.Resources.Where(resource => Urn.NameOf(resource.Urn) == text && resource.ViewOf.Length == 0)];
        }

        switch (found)
        {
            case [var only]:
                return only;
            case []:
                var names = snapshot.Resources.Select(resource => text.StartsWith("urn:", StringComparison.Ordinal) ? resource.Urn : Urn.NameOf(resource.Urn)).Distinct().ToList();
                throw new EngineException(EngineFailure.NotFound, $"the stack has no resource '{text}'{(NearestName.Find(text, names) is { } near ? $"; did you mean '{near}'?" : "; `blanket stack` shows what it has")}");
            default:
                // What waits for its deletion is not what anybody means by a URN.
                return found.Where(resource => !resource.Delete).ToList() is [var current]
                    ? current
                    : throw new EngineException(EngineFailure.InvalidInput, $"'{text}' means {found.Count} resources of the stack: {string.Join(", ", found.Select(resource => resource.Urn).Distinct())}; give the URN of one");
        }
    }

    /// <summary>Takes a resource out of the state; what it stands for stays where it is, and is nobody's from then on.</summary>
    /// <param name="dependents">What depends on it goes, too; without this it is an error if there is anything.</param>
    /// <param name="force">Even if it is protected.</param>
    /// <exception cref="EngineException">It is protected, or something depends on it.</exception>
    public static Snapshot Delete(Snapshot snapshot, ResourceState resource, bool dependents, bool force)
    {
        HashSet<string> urns = new(StringComparer.Ordinal) { resource.Urn };
        HashSet<ResourceState> going = new(ReferenceEqualityComparer.Instance) { resource };

        // Each stands behind what it depends on, so once through is enough.
        foreach (var other in snapshot.Resources.Where(other => !ReferenceEquals(other, resource) && other.AllDependencies.Any(urns.Contains)))
        {
            if (other.ViewOf.Length == 0 && !dependents)
            {
                throw new EngineException(EngineFailure.InvalidInput, $"{other.Urn} depends on {resource.Urn}; delete that first, or give --target-dependents to delete all that does");
            }

            urns.Add(other.Urn);
            going.Add(other);
        }

        return going.FirstOrDefault(other => other.Protect) is { } guarded && !force
            ? throw new EngineException(EngineFailure.InvalidInput, $"{guarded.Urn} is protected; run `blanket state unprotect` first, or give --force")
            : snapshot with { Resources = [.. snapshot.Resources.Where(other => !going.Contains(other))] };
    }

    /// <param name="resource">Null for all.</param>
    public static Snapshot Unprotect(Snapshot snapshot, ResourceState? resource)
        => snapshot with { Resources = ImmutableArray.CreateRange(snapshot.Resources, other => other.Protect && (resource is null || other.Urn == resource.Urn) ? other with { Protect = false } : other) };

    /// <summary>Gives a resource another name, in its URN and wherever that stands.</summary>
    /// <exception cref="EngineException">The name can't be one, or another resource has it.</exception>
    public static Snapshot Rename(Snapshot snapshot, ResourceState resource, string name)
    {
        if (name.Length == 0 || name.Contains("::", StringComparison.Ordinal))
        {
            throw new EngineException(EngineFailure.InvalidInput, $"'{name}' can't be a name; it must not be empty, nor have '::' in it");
        }

        var urn = resource.Urn[..^Urn.NameOf(resource.Urn).Length] + name;
        if (snapshot.Resources.Any(other => other.Urn == urn))
        {
            throw new EngineException(EngineFailure.InvalidInput, $"the stack has {urn} already; take another name");
        }

        return WithUrns(snapshot, other => other == resource.Urn ? urn : other);
    }

    /// <summary>Gives a stack's state the name of another stack of its project.</summary>
    public static Snapshot RenameStack(Snapshot snapshot, StackReference from, StackReference to)
    {
        var root = Urn.StackOf(from.Stack, from.Project);
        return WithUrns(snapshot, urn => urn == root ? Urn.StackOf(to.Stack, to.Project)
            : Urn.IsUrn(urn) && Urn.StackNameOf(urn) == from.Stack && Urn.ProjectOf(urn) == from.Project ? Urn.InStack(urn, to.Stack) : urn);
    }

    private static Snapshot WithUrns(Snapshot snapshot, Func<string, string> now)
    {
        ResourceState Renamed(ResourceState resource) => resource with
        {
            Urn = now(resource.Urn),
            Parent = now(resource.Parent),
            Dependencies = ImmutableArray.CreateRange(resource.Dependencies, now),
            PropertyDependencies = resource.PropertyDependencies?.ToImmutableSortedDictionary(property => property.Key, property => ImmutableArray.CreateRange(property.Value, now), StringComparer.Ordinal),
            DeletedWith = now(resource.DeletedWith),
            ReplaceWith = ImmutableArray.CreateRange(resource.ReplaceWith, now),
            ViewOf = now(resource.ViewOf),
            Aliases = ImmutableArray.CreateRange(resource.Aliases, now),
            Provider = resource.Provider.Length > 0 && ProviderReference.UrnOf(resource.Provider) is var provider ? now(provider) + resource.Provider[provider.Length..] : "",
        };
        return snapshot with
        {
            Resources = ImmutableArray.CreateRange(snapshot.Resources, Renamed),
            PendingOperations = ImmutableArray.CreateRange(snapshot.PendingOperations, operation => operation with { Resource = Renamed(operation.Resource) }),
        };
    }
}
