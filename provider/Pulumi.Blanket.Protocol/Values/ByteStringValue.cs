using System.Collections.Immutable;

namespace Pulumi.Blanket.Protocol.Values;

/// <summary>Bytes that need not be text.</summary>
public sealed record ByteStringValue(ImmutableArray<byte> Bytes) : PropertyValue
{
    public bool Equals(ByteStringValue? other) => other is not null && Bytes.AsSpan().SequenceEqual(other.Bytes.AsSpan());

    public override int GetHashCode()
    {
        HashCode hash = new();
        hash.AddBytes(Bytes.AsSpan());
        return hash.ToHashCode();
    }
}
