using System.Collections.Immutable;

namespace Pulumi.Blanket.Protocol.Values;

/// <summary>A folder: files and folders by name, its path, or its address. Exactly one of the three is there.</summary>
/// <param name="Assets">What is in it, each an <see cref="AssetValue"/> or an <see cref="ArchiveValue"/>.</param>
/// <param name="Hash">SHA-256 of the content in hexadecimal digits; may be empty.</param>
public sealed record ArchiveValue(ImmutableSortedDictionary<string, PropertyValue>? Assets, string? Path, string? Uri, string Hash) : PropertyValue
{
    private protected override IEnumerable<PropertyValue> Children => Assets?.Values ?? [];

    public bool Equals(ArchiveValue? other)
        => other is not null && Path == other.Path && Uri == other.Uri && Hash == other.Hash
            && (Assets is null ? other.Assets is null : other.Assets is not null && new ObjectValue(Assets).Equals(new ObjectValue(other.Assets)));

    public override int GetHashCode() => HashCode.Combine(Path, Uri, Hash, Assets?.Count);
}
