using System.Security.Cryptography;
using System.Text;

namespace Pulumi.Blanket.Lab;

/// <summary>
/// The tiny guest, built from the machine's Debian packages (see <c>build-guest.sh</c>): as a bootable disk image
/// (<c>guest.qcow2</c>, BIOS) and as <c>vmlinuz</c> and <c>initrd</c>. Ready in 128 MiB of memory.
/// </summary>
internal static class GuestImage
{
    public static async Task<string> GetAsync(LabCache cache, Keeper keeper, string labFolder, IProgress<LabProgress> progress, CancellationToken cancellationToken)
    {
        const string Prefix = "/boot/vmlinuz-";
        var version = Directory.GetFiles("/boot", "vmlinuz-*-cloud-amd64").Order(StringComparer.Ordinal).Last()[Prefix.Length..];
        var program = Path.Combine(LabPaths.Programs, "blanket-guest");
        return await cache.GetAsync("guest", await KeyAsync(version, program, cancellationToken), labFolder, async folder =>
        {
            progress.Report(new("guest image", $"building from kernel {version}"));
            await keeper.RunScriptAsync("build-guest.sh", [version, program, folder], cancellationToken);
            progress.Report(new("guest image", "built", Done: true));
        }, cancellationToken);
    }

    private static async Task<string> KeyAsync(string version, string program, CancellationToken cancellationToken)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes(version));
        foreach (var file in (string[])[program, Path.Combine(LabPaths.Programs, "build-guest.sh"), "/bin/busybox", "/usr/sbin/dropbear"])
        {
            hash.AppendData(await File.ReadAllBytesAsync(file, cancellationToken));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset())[..16];
    }
}
