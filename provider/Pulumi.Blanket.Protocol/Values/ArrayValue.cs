using System.Collections.Immutable;

namespace Pulumi.Blanket.Protocol.Values;

public sealed record ArrayValue(ImmutableArray<PropertyValue> Items) : PropertyValue
{
    private protected override IEnumerable<PropertyValue> Children => Items;

    public bool Equals(ArrayValue? other) => other is not null && Items.SequenceEqual(other.Items);

    public override int GetHashCode()
    {
        HashCode hash = new();
        foreach (var item in Items)
        {
            hash.Add(item);
        }

        return hash.ToHashCode();
    }
}
