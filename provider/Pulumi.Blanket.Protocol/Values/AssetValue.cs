namespace Pulumi.Blanket.Protocol.Values;

/// <summary>A file: its text, its path, or its address. Exactly one of the three is there.</summary>
/// <param name="Hash">SHA-256 of the content in hexadecimal digits; may be empty.</param>
public sealed record AssetValue(string? Text, string? Path, string? Uri, string Hash) : PropertyValue;
