using Pulumi.Blanket.Agent.Machine;

namespace Pulumi.Blanket.Agent.Hosts;

/// <summary>A marked block of ours in libvirt's settings; libvirtd is restarted when one changed, which leaves guests alone.</summary>
internal static class LibvirtSettings
{
    private static readonly (string Path, string[] Lines)[] Files =
    [
        // The agent has at most four calls in flight per connection; libvirtd's own limit of five would stall others of root's clients.
        ("/etc/libvirt/libvirtd.conf", ["max_client_requests = 20"]),

        // A link between two hosts that was cut in the middle of a move is noticed after 2 s x (3 + 1), not after 30 s.
        ("/etc/libvirt/qemu.conf", ["keepalive_interval = 2", "keepalive_count = 3", "migration_port_min = 49152", "migration_port_max = 49215"]),
    ];

    public static Task ApplyAsync(Action<string> progress, CancellationToken cancellationToken) => PutAsync(remove: false, progress, cancellationToken);

    public static Task RemoveAsync(CancellationToken cancellationToken) => PutAsync(remove: true, static _ => { }, cancellationToken);

    /// <summary>Files in which our block is missing or another.</summary>
    public static async Task<IReadOnlyList<string>> FindUnsetAsync(CancellationToken cancellationToken)
    {
        List<string> unset = [];
        foreach (var (path, lines) in Files.Where(static file => File.Exists(file.Path)))
        {
            var text = await File.ReadAllTextAsync(path, cancellationToken);
            if (MarkedBlock.Put(text, lines) != text)
            {
                unset.Add(path);
            }
        }

        return unset;
    }

    private static async Task PutAsync(bool remove, Action<string> progress, CancellationToken cancellationToken)
    {
        var changed = false;
        foreach (var (path, lines) in Files)
        {
            if (!File.Exists(path))
            {
                continue;
            }

            var text = await File.ReadAllTextAsync(path, cancellationToken);
            var wanted = MarkedBlock.Put(text, remove ? [] : lines);
            if (wanted != text)
            {
                DurableFile.Write(path, wanted, File.GetUnixFileMode(path));
                changed = true;
            }
        }

        if (changed && await SystemdUnit.IsActiveAsync("libvirtd.service", cancellationToken))
        {
            progress("restarting libvirtd with new settings (guests go on)");
            await SystemdUnit.RunAsync("restart", "libvirtd.service", cancellationToken);
        }
    }
}
