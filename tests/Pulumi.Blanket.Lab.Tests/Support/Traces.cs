using Pulumi.Blanket.Lab.Keeping;
using Pulumi.Blanket.Lab.Machine;

namespace Pulumi.Blanket.Lab.Tests.Support;

/// <summary>What of a lab can be seen on the machine; empty when it is gone.</summary>
internal static class Traces
{
    public static IReadOnlyList<string> Of(string lab, LabPaths? folder = null)
    {
        var paths = folder ?? SharedLab.Paths;
        // In tear-down a lab's folder has a dot before its name and something after.
        string[] folders = Directory.Exists(paths.Labs)
            ? [.. Directory.GetDirectories(paths.Labs).Where(path => Path.GetFileName(path) is var name && (name == lab || name.StartsWith($".{lab}.", StringComparison.Ordinal)))]
            : [];
        var cgroup = $"/blanket-lab/{paths.UniqueName(lab)}/";
        var marker = $"{paths.Labs}/{lab}";
        return
        [
            .. folders.Select(path => $"folder {path}"),
            .. ProcessTable.Read().Where(process => process.Cgroups.Contains(cgroup, StringComparison.Ordinal) || CommandLine(process.Id).Contains(marker + "/", StringComparison.Ordinal)
                    || CommandLine(process.Id).Split('\0').Contains(marker))
                .Select(process => $"process {process.Id} {CommandLine(process.Id).Replace('\0', ' ')}"),
            .. File.ReadLines("/proc/self/mounts").Where(line => line.Contains(marker + "/", StringComparison.Ordinal)).Select(line => $"mount {line}"),
            .. Directory.GetDirectories("/sys/block", "loop*").Select(device => ReadOrEmpty(Path.Combine(device, "loop/backing_file"))).Where(file => file.Contains(marker, StringComparison.Ordinal)).Select(file => $"loop device of {file}"),
            .. Keeper.CgroupFolders(paths.UniqueName(lab)).Select(path => $"control group {path}"),
        ];
    }

    /// <summary>Names of the machine's own network devices and network namespaces.</summary>
    public static IReadOnlyList<string> MachineNetwork()
        => [.. File.ReadLines("/proc/1/net/dev").Skip(2).Select(line => line.Split(':')[0].Trim()).Concat(Directory.Exists("/run/netns") ? Directory.GetFiles("/run/netns") : []).Order()];

    private static string CommandLine(int id) => ReadOrEmpty($"/proc/{id}/cmdline");

    private static string ReadOrEmpty(string file)
    {
        try
        {
            return File.ReadAllText(file);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }
}
