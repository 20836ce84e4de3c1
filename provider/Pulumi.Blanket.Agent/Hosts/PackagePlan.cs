using Pulumi.Blanket.Agent.Machine;

namespace Pulumi.Blanket.Agent.Hosts;

/// <summary>What has to be installed on a host, and for which program.</summary>
internal static class PackagePlan
{
    /// <summary>Debian's names, each with a program that comes with it.</summary>
    private static readonly (string Package, string Program)[] Needed =
    [
        ("libvirt-daemon-system", "libvirtd"),
        ("qemu-utils", "qemu-img"),
        ("wireguard-tools", "wg"),
        ("iproute2", "ip"),
        ("nftables", "nft"),
        ("dnsmasq-base", "dnsmasq"),
    ];

    public static bool CanInstall => Command.Find("apt-get") is not null;

    /// <summary>Packages that are missing, as Debian names them.</summary>
    public static IReadOnlyList<string> Missing()
    {
        List<string> missing = [.. Needed.Where(need => Command.Find(need.Program) is null).Select(need => need.Package)];
        if (MachineFacts.Qemu is null)
        {
            missing.Add(MachineFacts.Architecture == "aarch64" ? "qemu-system-arm" : "qemu-system-x86");
        }

        // In the kernel since Linux 5.6, unless it was left out; user space does the same, more slowly.
        if (Command.Find("wireguard-go") is null && !KernelHasWireGuard())
        {
            missing.Add("wireguard-go");
        }

        missing.Sort(StringComparer.Ordinal);
        return missing;
    }

    private static bool KernelHasWireGuard()
        => Directory.Exists("/sys/module/wireguard")
            || (File.Exists($"/lib/modules/{Release()}/modules.dep")
                && File.ReadLines($"/lib/modules/{Release()}/modules.dep").Any(line => line.Contains("/wireguard.ko", StringComparison.Ordinal)))
            || (File.Exists($"/lib/modules/{Release()}/modules.builtin")
                && File.ReadLines($"/lib/modules/{Release()}/modules.builtin").Any(line => line.EndsWith("/wireguard.ko", StringComparison.Ordinal)));

    private static string Release() => File.ReadAllText("/proc/sys/kernel/osrelease").Trim();
}
