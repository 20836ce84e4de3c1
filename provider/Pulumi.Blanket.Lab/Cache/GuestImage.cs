using System.Globalization;
using Pulumi.Blanket.Lab.Keeping;
using Pulumi.Blanket.Lab.Machine;

namespace Pulumi.Blanket.Lab.Cache;

/// <summary>
/// The tiny guest, built from the machine's Debian packages (see <c>build-guest.sh</c>): as a bootable disk image
/// (<c>guest.qcow2</c>, BIOS) and as <c>vmlinuz</c> and <c>initrd</c>. Ready in 128 MiB of memory.
/// </summary>
internal static class GuestImage
{
    public static async Task<string> GetAsync(LabCache cache, Keeper keeper, string labFolder, IProgress<LabProgress> progress, CancellationToken cancellationToken)
    {
        const string Prefix = "/boot/vmlinuz-";
        // By numbers: 6.1.0-10 is newer than 6.1.0-9.
        var kernel = Directory.GetFiles("/boot", "vmlinuz-*-cloud-amd64").Order(StringComparer.Create(CultureInfo.InvariantCulture, CompareOptions.NumericOrdering)).Last();
        var version = kernel[Prefix.Length..];
        var program = Path.Combine(LabPaths.Programs, "blanket-guest");
        // The packages' state stands for libraries, drivers and boot loader.
        var key = await CacheKey.HashAsync([version, await PackageState.HashAsync(cancellationToken)], [kernel, program, Path.Combine(LabPaths.Programs, "build-guest.sh")], cancellationToken);
        return await cache.GetAsync("guest", key, labFolder, async folder =>
        {
            progress.Report(new("guest image", $"building from kernel {version}"));
            await keeper.RunScriptAsync("build-guest.sh", [version, program, folder], cancellationToken);
            progress.Report(new("guest image", "built", Done: true));
        }, cancellationToken);
    }
}
