using System.Text.RegularExpressions;
using Pulumi.Blanket.Lab;
using Pulumi.Blanket.Lab.Hosts;

namespace Pulumi.Blanket.EndToEnd.Tests.Moving;

/// <summary>The agents' records of open moves, as they stand on the hosts' disks.</summary>
internal static class MoveRecords
{
    /// <summary>What the source's record says of the move: a phase in small letters, or `no record`.</summary>
    public static string PhaseAt(LabHost source, string id)
    {
        try
        {
            var record = Directory.EnumerateFiles(source.PathInside("/var/lib/blanket"), $"{id}.json", new EnumerationOptions { RecurseSubdirectories = true, MaxRecursionDepth = 3 })
                .FirstOrDefault(file => file.Contains("/moves/", StringComparison.Ordinal));
            return record is null ? "no record" : PhaseIn(File.ReadAllText(record));
        }
        catch (IOException)
        {
            return "no record"; // it was closed just now
        }
    }

    public static async Task<int> CountAsync(LabHost host)
        => (await host.RunAsync(["sh", "-c", "ls /var/lib/blanket/*/moves/"])).Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length;

    private static string PhaseIn(string record) => Regex.Match(record, "MOVE_PHASE_([A-Z_]+)").Groups[1].Value.ToLowerInvariant().Replace('_', ' ');
}
