using Pulumi.Blanket.Lab.Machine;

namespace Pulumi.Blanket.Lab.Requirements;

/// <summary>Checks that a lab can run on this machine, and says in one message everything that it lacks.</summary>
public static class LabRequirements
{
    /// <summary>Debian's packages that a lab is made of, each with what shows that it is there.</summary>
    public static IReadOnlyList<(string Package, string Evidence)> Packages { get; } =
    [
        ("busybox-static", "/bin/busybox"),
        ("cpio", "cpio"),
        ("dbus", "/usr/bin/dbus-daemon"),
        ("dnsmasq-base", "/usr/sbin/dnsmasq"),
        ("dropbear-bin", "/usr/sbin/dropbear"),
        ("e2fsprogs", "/sbin/mkfs.ext4"),
        ("extlinux", "extlinux"),
        ("fdisk", "/sbin/sfdisk"),
        ("genisoimage", "genisoimage"),
        ("iproute2", "ip"),
        ("kmod", "/sbin/modprobe"),
        ("libvirt-clients", "virsh"),
        ("libvirt-daemon-system", "/lib/systemd/system/libvirtd.service"),
        ("linux-image-cloud-amd64", "/boot/vmlinuz-*-cloud-amd64"),
        ("nftables", "/usr/sbin/nft"),
        ("openssh-client", "ssh-keygen"),
        ("openssh-server", "/usr/sbin/sshd"),
        ("procps", "/sbin/sysctl"),
        ("qemu-guest-agent", "/usr/sbin/qemu-ga"),
        ("qemu-system-x86", "qemu-system-x86_64"),
        ("qemu-utils", "qemu-img"),
        ("syslinux-common", "/usr/lib/syslinux/mbr/mbr.bin"),
        ("systemd-container", "systemd-nspawn"),
        ("systemd-sysv", "/sbin/init"),
        ("util-linux", "nsenter"),
        ("wireguard-go", "wireguard-go"),
        ("wireguard-tools", "wg"),
    ];

    /// <exception cref="LabException">Something is missing; nothing has been touched.</exception>
    public static async Task CheckAsync(IMachineFacts machine, LabPaths paths, CancellationToken cancellationToken)
    {
        CheckMachine(machine);
        var missing = Packages
            .Where(package => package.Evidence.Contains('*') ? !machine.HasFile(package.Evidence) : !machine.HasProgram(package.Evidence))
            .Select(package => package.Package).ToList();
        if (missing.Count > 0)
        {
            throw Unmet($"a lab needs packages that are not installed: {string.Join(", ", missing)}; install them with\n  apt-get install --no-install-recommends {string.Join(' ', missing)}");
        }

        var features = await machine.MissingKernelFeaturesAsync(cancellationToken);
        if (features.Count > 0)
        {
            throw Unmet($"a lab needs features that this kernel does not offer: {string.Join(", ", features)}; load the modules of these names, or boot a kernel that has them");
        }

        var apart = await machine.FoldersOnOtherFileSystemsAsync(["/usr", "/etc", "/var", "/var/lib/dpkg"], cancellationToken);
        if (apart.Count > 0)
        {
            throw Unmet($"a lab's hosts stand on the machine's root file system, and {string.Join(", ", apart)} lie on others, which they would not see; use a machine with all of it on one");
        }

        if (await machine.FileSystemTypeAsync(paths.Root, cancellationToken) is "overlayfs" or "overlay")
        {
            throw Unmet($"{paths.Root} lies on an overlay file system, which can't carry the hosts' disks; name a folder on another file system with {LabPaths.Variable}");
        }
    }

    /// <summary>What every verb needs, also those that only look: the right system, root, and to be outside of any lab.</summary>
    /// <exception cref="LabException">It is not so.</exception>
    public static void CheckMachine(IMachineFacts machine)
    {
        if (!machine.IsLinuxX64)
        {
            throw Unmet("a lab needs Linux on x86-64: its hosts are namespaces of the machine's kernel; run it on such a machine, or in a VM of that kind");
        }

        if (!machine.IsRoot)
        {
            throw Unmet("a lab needs root, to make namespaces and mounts; run the same command with sudo");
        }

        if (machine.IsInsideLab)
        {
            throw Unmet("this runs inside a lab (`blanket lab exec`), from where no lab can be seen or changed; run it on the machine itself");
        }
    }

    private static LabException Unmet(string message) => new(LabFailure.UnmetRequirement, message);
}
