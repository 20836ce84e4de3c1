using System.Text.RegularExpressions;
using Pulumi.Blanket.Libvirt;

namespace Pulumi.Blanket.Agent.Moving;

/// <summary>What libvirt notes in the log of a machine's QEMU, beside what QEMU says itself.</summary>
internal static partial class QemuLog
{
    private const int LastBytes = 1 << 20;

    /// <summary>
    /// Whether libvirt has ended the machine's last QEMU because the machine has migrated. It notes that before it sends the signal, once the target has told it that all has come, and
    /// resumes nothing after that (<c>qemuMigrationSrcConfirmPhase</c> and <c>qemuProcessStop</c> in libvirt's <c>src/qemu</c>); a libvirtd that is started anew then ends that QEMU, too.
    /// </summary>
    public static bool SaysMigrated(DomainReference domain)
    {
        try
        {
            using var file = File.Open($"/var/log/libvirt/qemu/{domain.Name}.log", FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            file.Seek(Math.Max(0, file.Length - LastBytes), SeekOrigin.Begin);
            using StreamReader reader = new(file);
            return SaysMigrated(reader.ReadToEnd());
        }
        catch (IOException)
        {
            return false; // the host's owner keeps no such logs
        }
    }

    internal static bool SaysMigrated(string log)
    {
        var notes = Note().Matches(log).Select(match => match.Groups["what"].Value).ToList();
        var start = notes.LastIndexOf("starting up");
        var copy = notes.LastIndexOf("initiating migration");
        return start >= 0 && copy > start && notes.IndexOf("shutting down, reason=migrated", copy) > copy;
    }

    // Such as: 2026-11-29 05:44:17.262+0000: shutting down, reason=migrated
    [GeneratedRegex(@"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}\+0000: (?<what>starting up|initiating migration|shutting down, reason=[a-z]+)", RegexOptions.Multiline)]
    private static partial Regex Note();
}
