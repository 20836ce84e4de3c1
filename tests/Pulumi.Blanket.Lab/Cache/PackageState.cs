using System.Security.Cryptography;

namespace Pulumi.Blanket.Lab;

/// <summary>The machine's installed packages. They are the lowest layer of every host, which must not change under it.</summary>
internal static class PackageState
{
    private const string StatusFile = "/var/lib/dpkg/status";

    public static async Task<string> HashAsync(CancellationToken cancellationToken)
    {
        await using var file = File.OpenRead(StatusFile);
        return Convert.ToHexStringLower(await SHA256.HashDataAsync(file, cancellationToken))[..16];
    }
}
