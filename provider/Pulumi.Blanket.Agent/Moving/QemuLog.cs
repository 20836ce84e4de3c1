using System.Globalization;
using System.Text.RegularExpressions;
using Pulumi.Blanket.Libvirt.Domains;

namespace Pulumi.Blanket.Agent.Moving;

/// <summary>What libvirt notes in the log of a machine's QEMU, beside what QEMU says itself.</summary>
internal static partial class QemuLog
{
    private const int LastBytes = 1 << 20;

    /// <summary>
    /// Whether libvirt has ended the machine's last QEMU because the machine has migrated, in this move. It notes that before it sends the signal, once the target has told it that all has come, and
    /// resumes nothing after that (<c>qemuMigrationSrcConfirmPhase</c> and <c>qemuProcessStop</c> in libvirt's <c>src/qemu</c>); a libvirtd that is started anew then ends that QEMU, too.
    /// </summary>
    /// <param name="record">At the source. The log's length tells what belongs to its move: its times are the wall clock's, which may have been set meanwhile.</param>
    public static bool SaysMigrated(DomainReference domain, MoveRecord record) => record.LogBytes > 0
        ? SaysMigrated(Read(domain.Name, record.LogBytes), DateTime.MinValue)
        : SaysMigrated(Read(domain.Name), DateTime.UnixEpoch.AddSeconds(record.Order.Began)); // of an agent before this one, or the first that was ever logged

    /// <summary>How long a machine's log is, after which comes what concerns its next QEMU.</summary>
    public static long LengthOf(string domain) => new FileInfo(PathOf(domain)) is { Exists: true } file ? file.Length : 0;

    /// <summary>Why a QEMU that waited for a machine since then did not understand what came, as it says; empty where it did, or where the connection broke.</summary>
    public static string RefusalSince(string domain, long length) => Refusal(Read(domain, length));

    internal static string Refusal(string log)
    {
        var said = Complaint().Matches(log).Select(static match => match.Groups["what"].Value).ToList();
        var end = said.FindLastIndex(static line => line.StartsWith("load of migration failed: ", StringComparison.Ordinal));
        return end < 0 || said[end].EndsWith("Input/output error", StringComparison.Ordinal) ? "" : string.Join("; ", said[Math.Max(0, end - 1)..(end + 1)]);
    }

    private static string PathOf(string domain) => $"/var/log/libvirt/qemu/{domain}.log";

    private static string Read(string domain, long from = 0)
    {
        try
        {
            using var file = File.Open(PathOf(domain), FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            file.Seek(Math.Max(from <= file.Length ? from : 0, file.Length - LastBytes), SeekOrigin.Begin);
            using StreamReader reader = new(file);
            return reader.ReadToEnd();
        }
        catch (IOException)
        {
            return ""; // the host's owner keeps no such logs
        }
    }

    /// <param name="since">UTC. The log is kept by name, so that former moves, and former machines, have theirs in it.</param>
    internal static bool SaysMigrated(string log, DateTime since)
    {
        var matches = Note().Matches(log);
        var notes = matches.Select(match => match.Groups["what"].Value).ToList();
        var start = notes.LastIndexOf("starting up");
        var copy = notes.LastIndexOf("initiating migration");
        return copy > start && notes.IndexOf("shutting down, reason=migrated", Math.Max(copy, 0)) > copy
            && DateTime.TryParseExact(matches[copy].Groups["when"].Value, "yyyy-MM-dd HH:mm:ss.fff", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var when)
            && when >= since;
    }

    // Such as: 2026-11-29 05:44:17.262+0000: shutting down, reason=migrated
    [GeneratedRegex(@"^(?<when>\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3})\+0000: (?<what>starting up|initiating migration|shutting down, reason=[a-z]+)", RegexOptions.Multiline)]
    private static partial Regex Note();

    // Such as: 2026-11-29T09:48:04.222813Z qemu-system-x86_64: load of migration failed: Invalid argument
    [GeneratedRegex(@"^\d{4}-\d\d-\d\dT\S+Z qemu-[^ :]+: (?<what>.*)$", RegexOptions.Multiline)]
    private static partial Regex Complaint();
}
