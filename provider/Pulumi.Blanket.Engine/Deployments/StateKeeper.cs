using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using Pulumi.Blanket.Engine.States;

namespace Pulumi.Blanket.Engine.Deployments;

/// <summary>
/// The state while a deployment goes on: what this run has dealt with, in the order in which it was done, then what it has not come to yet. All
/// that is awaited here is safe on disk.
/// </summary>
internal sealed class StateKeeper
{
    private readonly Lock _lock = new();
    private readonly ISnapshotWriter? _writer;
    private readonly LinkedList<ResourceState> _done = new();
    private readonly LinkedList<ResourceState> _rest = new();
    private readonly Dictionary<ResourceState, LinkedListNode<ResourceState>> _nodes = new(ReferenceEqualityComparer.Instance);
    private readonly LinkedList<PendingOperation> _pending = new();
    private readonly Dictionary<string, string> _renamed = [];
    private readonly Snapshot _base;
    private readonly bool _sorts;

    /// <param name="sorts">What this run has dealt with may depend on what it never comes to: the order is looked at with each write.</param>
    public StateKeeper(Snapshot snapshot, ISnapshotWriter? writer, bool sorts = false)
    {
        (_base, _writer, _sorts) = (snapshot, writer, sorts);
        foreach (var resource in snapshot.Resources)
        {
            _nodes.Add(resource, _rest.AddLast(resource));
        }

        foreach (var operation in snapshot.PendingOperations)
        {
            _pending.AddLast(operation);
        }
    }

    /// <summary>What this run has not come to yet.</summary>
    public IReadOnlyList<ResourceState> Rest
    {
        get
        {
            lock (_lock)
            {
                return [.. _rest];
            }
        }
    }

    public IReadOnlyList<PendingOperation> Pending
    {
        get
        {
            lock (_lock)
            {
                return [.. _pending];
            }
        }
    }

    public Snapshot Take()
    {
        lock (_lock)
        {
            var resources = WithNewNames([.. _done, .. _rest]);
            return _base with { Resources = _sorts ? StateOrder.Sort(resources) : resources, PendingOperations = [.. _pending] };
        }
    }

    /// <summary>Notes that an operation begins.</summary>
    public async Task<PendingOperation?> BeginAsync(ResourceState resource, string type)
    {
        if (_writer is null)
        {
            return null;
        }

        PendingOperation operation = new(resource, type);
        lock (_lock)
        {
            _pending.AddLast(operation);
        }

        await WriteAsync();
        return operation;
    }

    /// <summary>Notes what an operation came to.</summary>
    /// <param name="keepPending">Nobody knows how it ended.</param>
    public async Task EndAsync(PendingOperation? operation, Action<StateKeeper>? change, bool keepPending = false)
    {
        lock (_lock)
        {
            if (operation is not null && !keepPending)
            {
                _pending.Remove(operation);
            }

            change?.Invoke(this);
        }

        await WriteAsync();
    }

    public Task WriteAsync() => _writer is null ? Task.CompletedTask : _writer.WriteAsync(Take);

    /// <summary>Puts a resource among those that are done, in place of an old one.</summary>
    public void Add(ResourceState? old, ResourceState resource)
    {
        lock (_lock)
        {
            if (old is not null)
            {
                Remove(old);
            }

            _nodes.Add(resource, _done.AddLast(resource));
        }
    }

    /// <summary>Puts a resource in the place of another.</summary>
    public void Exchange(ResourceState old, ResourceState resource)
    {
        lock (_lock)
        {
            if (Find(old, out var node))
            {
                _nodes.Remove(old);
                node.Value = resource;
                _nodes.Add(resource, node);
            }
        }
    }

    public void Remove(ResourceState resource)
    {
        lock (_lock)
        {
            if (Find(resource, out var node))
            {
                node.List!.Remove(node);
                _nodes.Remove(resource);
            }
        }
    }

    /// <summary>Puts a resource right behind another, as views stand behind their owner.</summary>
    public void AddBehind(ResourceState other, ResourceState resource)
    {
        lock (_lock)
        {
            _nodes.Add(resource, Find(other, out var node) ? node.List!.AddAfter(node, resource) : _done.AddLast(resource));
        }
    }

    /// <summary>Operations of an earlier run about which there is nothing more to know.</summary>
    public void ForgetPending(Func<PendingOperation, bool> condition)
    {
        lock (_lock)
        {
            foreach (var operation in _pending.Where(condition).ToList())
            {
                _pending.Remove(operation);
            }
        }
    }

    /// <summary>A resource gets a new URN; what stands in the rest still names the old one.</summary>
    public void Rename(string oldUrn, string urn)
    {
        lock (_lock)
        {
            _renamed[oldUrn] = urn;
        }
    }

    private bool Find(ResourceState resource, [NotNullWhen(true)] out LinkedListNode<ResourceState>? node) => _nodes.TryGetValue(resource, out node);

    // As long as a resource stands there under its old URN, what depends on it names that.
    private ImmutableArray<ResourceState> WithNewNames(ImmutableArray<ResourceState> resources)
    {
        if (_renamed.Count == 0)
        {
            return resources;
        }

        var there = resources.Where(resource => !resource.Delete).Select(resource => resource.Urn).ToHashSet(StringComparer.Ordinal);
        var renamed = _renamed.Where(pair => !there.Contains(pair.Key)).ToDictionary(StringComparer.Ordinal);
        if (renamed.Count == 0)
        {
            return resources;
        }

        // A provider that was replaced as well is still there by its old name.
        var providers = resources.Select(resource => resource.ProviderReference).ToHashSet(StringComparer.Ordinal);
        return ImmutableArray.CreateRange(resources, resource => WithNewNames(resource, renamed, providers));
    }

    private static ResourceState WithNewNames(ResourceState resource, Dictionary<string, string> renamed, HashSet<string> providers)
    {
        string Now(string urn) => renamed.GetValueOrDefault(urn, urn);
        return resource with
        {
            Parent = Now(resource.Parent),
            Dependencies = [.. resource.Dependencies.Select(Now)],
            PropertyDependencies = resource.PropertyDependencies?.Aggregate(resource.PropertyDependencies, (all, property) => all.SetItem(property.Key, [.. property.Value.Select(Now)])),
            DeletedWith = Now(resource.DeletedWith),
            ViewOf = Now(resource.ViewOf),
            Provider = resource.Provider.Length == 0 || providers.Contains(resource.Provider) ? resource.Provider : Now(ProviderReference.UrnOf(resource.Provider)) + resource.Provider[ProviderReference.UrnOf(resource.Provider).Length..],
        };
    }
}
