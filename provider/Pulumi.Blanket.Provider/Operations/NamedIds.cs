using System.Collections.Concurrent;
using System.Collections.Immutable;

namespace Pulumi.Blanket.Provider.Operations;

/// <summary>
/// Which ids the engine has named for which URN since this process started, and which it was given. In a replacement the engine calls Create with a URN whose old resource
/// lives; in a Create that is tried again after a lost answer it has named no id.
/// </summary>
internal sealed class NamedIds
{
    private readonly ConcurrentDictionary<string, ImmutableHashSet<string>> _ids = new(StringComparer.Ordinal);

    private readonly ConcurrentDictionary<(string Urn, string Id), bool> _deleted = [];

    public void Add(string urn, string id)
    {
        _deleted.TryRemove((urn, id), out _);
        if (id.Length > 0 && !(_ids.TryGetValue(urn, out var known) && known.Contains(id)))
        {
            _ids.AddOrUpdate(urn, static (_, added) => [added], static (_, ids, added) => ids.Add(added), id);
        }
    }

    public void Deleted(string urn, string id) => _deleted[(urn, id)] = true;

    public IReadOnlySet<string> Of(string urn) => _ids.GetValueOrDefault(urn, []);

    /// <summary>Those of them that were not deleted since.</summary>
    public IReadOnlySet<string> LivingOf(string urn) => Of(urn).Where(id => !_deleted.ContainsKey((urn, id))).ToHashSet(StringComparer.Ordinal);
}
