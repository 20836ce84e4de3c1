namespace Pulumi.Blanket.Agent.Registry;

/// <summary>What an image is known by: the SHA-256 of its bytes as they came, 64 small hexadecimal digits. It names files.</summary>
internal static class ImageHash
{
    public const int Characters = 64;

    public static bool IsOne(string text) => text.Length == Characters && text.All(char.IsAsciiHexDigitLower);
}
