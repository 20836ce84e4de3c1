using Pulumi.Blanket.Lab.Definition;
using Pulumi.Blanket.Lab.Machine;

namespace Pulumi.Blanket.Lab.Hosts;

/// <summary>The files that make a host's root its own, written to a tree that is copied over it before the first boot.</summary>
internal static class HostFiles
{
    public const UnixFileMode Executable = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
        | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;

    public const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private const UnixFileMode PrivateFolder = Private | UnixFileMode.UserExecute;
    private const UnixFileMode Readable = Private | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    // The kernel's control groups are not the host's to use, and its firmware id is the same for all: libvirt has to be told,
    // also where it is installed later. So the lines are looked after at each start of libvirtd.
    private const string LibvirtSettings = """
        #!/bin/sh
        line() { [ ! -e "$1" ] || grep -qxF "$2" "$1" || echo "$2" >> "$1"; }
        line /etc/libvirt/qemu.conf 'cgroup_controllers = []'
        line /etc/libvirt/qemu.conf 'security_driver = "none"'
        line /etc/libvirt/libvirtd.conf 'host_uuid_source = "machine-id"'

        """;

    // Debian's own settings for logins, whatever the machine's sshd_config says.
    private const string SshdConfig = """
        Include /etc/ssh/sshd_config.d/*.conf
        PermitRootLogin prohibit-password
        KbdInteractiveAuthentication no
        UsePAM yes
        PrintMotd no
        AcceptEnv LANG LC_*
        Subsystem sftp /usr/lib/openssh/sftp-server

        """;

    public static async Task WriteAsync(string tree, HostDefinition host, string labPublicKey, CancellationToken cancellationToken)
    {
        await FileAsync("etc/hostname", host.Name + "\n", Readable);
        await FileAsync("etc/machine-id", Guid.NewGuid().ToString("n") + "\n", Readable);
        await FileAsync("etc/hosts", $"127.0.0.1 localhost\n127.0.1.1 {host.Name}\n", Readable);
        await FileAsync("etc/resolv.conf", "# a lab has no name server\n", Readable);
        await FileAsync("etc/fstab", "", Readable);
        await FileAsync("etc/ssh/sshd_config", SshdConfig, Readable);
        CreateFolder(tree, Path.Combine(tree, "etc/ssh/sshd_config.d"));
        await FileAsync("root/.ssh/authorized_keys", labPublicKey + "\n", Private);
        await FileAsync("usr/local/sbin/lab-libvirt-settings", LibvirtSettings, Executable);
        await FileAsync("etc/systemd/system/libvirtd.service.d/lab.conf", "[Service]\nExecStartPre=-/usr/local/sbin/lab-libvirt-settings\n", Readable);
        if (host.Bare)
        {
            await FileAsync("etc/apt/sources.list.d/lab.list", "deb [trusted=yes] file:/srv/blanket/packages ./\n", Readable);
        }

        File.SetUnixFileMode(Path.Combine(tree, "root"), PrivateFolder);
        File.SetUnixFileMode(Path.Combine(tree, "root/.ssh"), PrivateFolder);

        var hostKey = Path.Combine(tree, "etc/ssh/ssh_host_ed25519_key");
        CreateFolder(tree, Path.GetDirectoryName(hostKey)!);
        (await CommandRunner.RunAsync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", host.Name, "-f", hostKey], cancellationToken: cancellationToken)).OutputOrThrow();

        async Task FileAsync(string path, string text, UnixFileMode mode)
        {
            var file = Path.Combine(tree, path);
            CreateFolder(tree, Path.GetDirectoryName(file)!);
            await File.WriteAllTextAsync(file, text, cancellationToken);
            File.SetUnixFileMode(file, mode);
        }
    }

    // Whatever the caller's umask is, a host's folders are open to all.
    private static void CreateFolder(string tree, string folder)
    {
        Directory.CreateDirectory(folder);
        for (var path = folder; path.Length >= tree.Length; path = Path.GetDirectoryName(path)!)
        {
            File.SetUnixFileMode(path, Executable);
        }
    }
}
