using System.Security.Cryptography;

namespace Pulumi.Blanket.Agent;

/// <summary>Which agent this is.</summary>
internal static class AgentVersion
{
    public static Version Current { get; } = typeof(AgentVersion).Assembly.GetName().Version is { } version ? new(version.Major, version.Minor, version.Build) : new(0, 0, 0);

    public static string Text => Current.ToString();

    /// <summary>SHA-256 of the running program's file, in lower-case hexadecimal digits.</summary>
    public static string Hash()
    {
        using var file = File.OpenRead(Environment.ProcessPath!);
        return Convert.ToHexStringLower(SHA256.HashData(file));
    }
}
