using System.Collections;
using Pulumi.Blanket.Libvirt.Wire;

namespace Pulumi.Blanket.Libvirt.Parameters;

/// <summary>Parameters in their order; a name may occur more than once, look-ups give the first.</summary>
public sealed class TypedParameters(IReadOnlyList<TypedParameter> items) : IReadOnlyList<TypedParameter>
{
    public static TypedParameters Empty { get; } = new([]);

    public int Count => items.Count;

    public TypedParameter this[int index] => items[index];

    public TypedParameter? Find(string name)
    {
        foreach (var item in items)
        {
            if (item.Name == name)
            {
                return item;
            }
        }

        return null;
    }

    /// <summary>A whole number, of whichever type libvirt gave it; null where there is none.</summary>
    public long? GetLong(string name) => Find(name)?.AsLong;

    /// <summary>A whole number, of whichever type libvirt gave it; null where there is none.</summary>
    public ulong? GetULong(string name) => Find(name)?.AsULong;

    public string? GetString(string name) => Find(name)?.AsString;

    public bool? GetBoolean(string name) => Find(name)?.AsBoolean;

    public double? GetDouble(string name) => Find(name)?.AsDouble;

    public IEnumerator<TypedParameter> GetEnumerator() => items.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    internal static TypedParameters Read(ref XdrReader reader, int limit) => new(reader.ReadList(limit, TypedParameter.Read));
}
