using System.Security.Cryptography;
using System.Text;

namespace Pulumi.Blanket.Agent;

/// <summary>Which agent this is.</summary>
internal static class AgentVersion
{
    /// <summary>The product's version: three numbers.</summary>
    public static string Text { get; } = Encoding.UTF8.GetString(Identity["blanket-agent/"u8.Length..]);

    public static Version Current { get; } = Version.Parse(Text);

    /// <summary>Stands in the program's file as it is: tests make a program of another version by it.</summary>
    private static ReadOnlySpan<byte> Identity => ThisAssembly.Identity;

    /// <summary>SHA-256 of the running program's file, in lower-case hexadecimal digits.</summary>
    public static string Hash()
    {
        using var file = File.OpenRead(Environment.ProcessPath!);
        return Convert.ToHexStringLower(SHA256.HashData(file));
    }
}
