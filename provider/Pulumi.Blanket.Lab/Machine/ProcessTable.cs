using System.Runtime.InteropServices;

namespace Pulumi.Blanket.Lab.Machine;

/// <summary>A process, seen from the machine.</summary>
/// <param name="Id">Its number on the machine.</param>
/// <param name="InnerId">Its number in its own process namespace.</param>
/// <param name="Depth">How many process namespaces it lives in, the machine's included.</param>
/// <param name="Cgroups">The lines of <c>/proc/ID/cgroup</c>.</param>
internal sealed record ProcessEntry(int Id, int InnerId, int Depth, int ParentId, string Cgroups)
{
    /// <summary>The program that it runs, or an empty text when that can't be told.</summary>
    public string Program => new FileInfo($"/proc/{Id}/exe").LinkTarget ?? "";
}

/// <summary>Reads the machine's processes out of <c>/proc</c>, and signals those that the lab has found to be its own.</summary>
internal static partial class ProcessTable
{
    public const int Kill = 9;
    public const int Continue = 18;
    public const int Stop = 19;

    public static IEnumerable<ProcessEntry> Read()
    {
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(folder.AsSpan()), out var id) && Find(id) is { } entry)
            {
                yield return entry;
            }
        }
    }

    /// <summary>The process of that number; null when there is none, or only the remains of one.</summary>
    public static ProcessEntry? Find(int id)
    {
        try
        {
            int[] ids = [id];
            var parent = 0;
            foreach (var line in File.ReadLines($"/proc/{id}/status"))
            {
                if (line.StartsWith("State:\tZ", StringComparison.Ordinal) || line.StartsWith("State:\tX", StringComparison.Ordinal))
                {
                    return null;
                }

                if (line.StartsWith("PPid:", StringComparison.Ordinal))
                {
                    parent = int.Parse(line.AsSpan(5));
                }
                else if (line.StartsWith("NSpid:", StringComparison.Ordinal))
                {
                    ids = [.. line[6..].Split('\t', StringSplitOptions.RemoveEmptyEntries).Select(int.Parse)];
                }
            }

            return new ProcessEntry(id, ids[^1], ids.Length, parent, File.ReadAllText($"/proc/{id}/cgroup"));
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            return null; // it ended while we looked
        }
    }

    /// <summary>Field 22 of <c>/proc/ID/stat</c>, in clock ticks since boot: with the number it names a process for good.</summary>
    public static long? StartTime(int id)
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{id}/stat");
            return long.Parse(stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[19]);
        }
        catch (IOException)
        {
            return null;
        }
    }

    public static void Signal(int id, int signal) => _ = NativeKill(id, signal);

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int NativeKill(int id, int signal);
}
