using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;

namespace Pulumi.Blanket.Protocol.Values;

/// <summary>Values by name. Names are compared exactly, and listed in ordinal order.</summary>
public sealed record ObjectValue(ImmutableSortedDictionary<string, PropertyValue> Properties) : PropertyValue
{
    /// <summary>An object of these properties.</summary>
    public ObjectValue(IEnumerable<KeyValuePair<string, PropertyValue>> properties)
        : this(properties.ToImmutableSortedDictionary(StringComparer.Ordinal))
    {
    }

    public static ObjectValue Empty { get; } = new(ImmutableSortedDictionary<string, PropertyValue>.Empty.WithComparers(StringComparer.Ordinal));

    private protected override IEnumerable<PropertyValue> Children => Properties.Values;

    /// <summary>The property of that name, or null where it is missing (one that is null is a <see cref="NullValue"/>).</summary>
    public PropertyValue? this[string name] => Properties.GetValueOrDefault(name);

    public bool TryGet(string name, [NotNullWhen(true)] out PropertyValue? value) => Properties.TryGetValue(name, out value);

    public ObjectValue With(string name, PropertyValue value) => new(Properties.SetItem(name, value));

    public ObjectValue Without(string name) => new(Properties.Remove(name));

    public bool Equals(ObjectValue? other)
        => other is not null && Properties.Count == other.Properties.Count
            && Properties.All(property => other.Properties.TryGetValue(property.Key, out var value) && property.Value.Equals(value));

    public override int GetHashCode()
    {
        HashCode hash = new();
        foreach (var (name, value) in Properties)
        {
            hash.Add(name);
            hash.Add(value);
        }

        return hash.ToHashCode();
    }
}
