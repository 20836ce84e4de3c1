using System.Collections.Immutable;

namespace Pulumi.Blanket.Protocol.Values;

/// <summary>A value with what Pulumi knows about it: whether it is known and secret, and on which resources it depends.</summary>
/// <param name="Inner">The value; null while it is not known.</param>
/// <param name="Dependencies">URNs.</param>
public sealed record OutputValue(PropertyValue? Inner, bool IsSecret, ImmutableArray<string> Dependencies) : PropertyValue
{
    private protected override IEnumerable<PropertyValue> Children => Inner is null ? [] : [Inner];

    public bool Equals(OutputValue? other)
        => other is not null && Equals(Inner, other.Inner) && IsSecret == other.IsSecret && Dependencies.SequenceEqual(other.Dependencies);

    public override int GetHashCode() => HashCode.Combine(Inner, IsSecret, Dependencies.Length);

    public override string ToString() => IsSecret ? "[secret]" : $"output({Inner?.ToString() ?? "unknown"})";
}
