using System.Diagnostics;
using Pulumi.Blanket.Lab.Machine;

namespace Pulumi.Blanket.Lab.Keeping;

/// <summary>
/// The process that holds a lab's namespaces (see <c>keeper.sh</c>). Everything of a lab lives inside: killing it takes
/// the hosts, networks and mounts away with it, and nothing of them is ever visible in the machine's own namespaces.
/// </summary>
internal sealed class Keeper
{
    private static readonly TimeSpan EndTimeout = TimeSpan.FromSeconds(30);
    private static readonly string[] Hierarchies = ["", "systemd", "unified", "freezer"];

    private readonly int _id;

    private Keeper(int id) => _id = id;

    /// <summary>Path of the lab's root folder as this process can open it.</summary>
    public string Root => $"/proc/{_id}/root";

    /// <summary>The lab's control namespace: WAN and clients.</summary>
    public string NetworkNamespacePath => $"/proc/{_id}/ns/net";

    public string HostNamespacePath(string host) => $"{Root}/run/netns/{host}";

    /// <summary>Starts the keeper of the lab whose folder this is, and waits until the namespaces are there.</summary>
    public static async Task<Keeper> StartAsync(string folder, string name, string cgroup, CancellationToken cancellationToken)
    {
        var attempt = Guid.NewGuid().ToString("n");
        await File.WriteAllTextAsync(Path.Combine(folder, "attempt"), attempt, cancellationToken);
        Process.Start("setsid", ["sh", Path.Combine(LabPaths.Programs, "start-keeper.sh"), folder, name, cgroup, LabPaths.Programs, attempt, LabPaths.Owner ?? ""]).Dispose();
        var deadline = Stopwatch.StartNew();
        while (!File.Exists(Path.Combine(folder, "held")))
        {
            if (deadline.Elapsed > TimeSpan.FromSeconds(10))
            {
                var log = Path.Combine(folder, "keeper.log");
                throw new LabException(LabFailure.UnmetRequirement,
                    $"the lab's namespaces can't be made: {(File.Exists(log) ? File.ReadAllText(log).Trim() : "unshare said nothing")}; a lab needs a machine on which root may do that (no unprivileged container)");
            }

            await Task.Delay(10, cancellationToken);
        }

        return Find(folder) ?? throw new LabException(LabFailure.CommandFailed, $"the process that holds the lab '{name}' ended at once; its log is {folder}/keeper.log");
    }

    /// <summary>The keeper that runs for this folder; null when there is none (any more).</summary>
    public static Keeper? Find(string folder)
    {
        try
        {
            var record = File.ReadAllText(Path.Combine(folder, "keeper")).Split(' ');
            var id = int.Parse(record[0]);
            return record[2].Trim() == File.ReadAllText("/proc/sys/kernel/random/boot_id").Trim()
                && ProcessTable.StartTime(id) == long.Parse(record[1]) && ProcessTable.Find(id) is not null ? new Keeper(id) : null;
        }
        catch (Exception fault) when (fault is IOException or FormatException or IndexOutOfRangeException)
        {
            return null;
        }
    }

    /// <summary>Arguments that make <c>nsenter</c> run a command inside the lab, with the machine's network or the lab's.</summary>
    public IEnumerable<string> EnterArguments(bool machineNetwork = false)
    {
        yield return $"--target={_id}";
        yield return "--mount";
        yield return "--uts";
        yield return "--ipc";
        yield return $"--pid=/proc/{_id}/ns/pid_for_children";
        if (!machineNetwork)
        {
            yield return "--net";
        }
    }

    /// <summary>Runs a command inside the lab's namespaces.</summary>
    public Task<CommandResult> RunAsync(
        IReadOnlyList<string> command, string? input = null, bool machineNetwork = false, CancellationToken cancellationToken = default)
        => CommandRunner.RunAsync("nsenter", [.. EnterArguments(machineNetwork), "--", .. command], input, cancellationToken);

    /// <summary>Runs one of the lab's scripts inside its namespaces.</summary>
    /// <exception cref="LabException">It failed.</exception>
    public async Task RunScriptAsync(string script, IReadOnlyList<string> arguments, CancellationToken cancellationToken)
        => (await RunAsync(["bash", Path.Combine(LabPaths.Programs, script), .. arguments], cancellationToken: cancellationToken)).OutputOrThrow();

    /// <summary>Ends everything inside and waits until it is gone, its control groups included.</summary>
    public static async Task EndAsync(string folder, string name, string cgroup)
    {
        var cgroups = CgroupFolders(cgroup).ToList();
        foreach (var folderOfCgroup in cgroups.SelectMany(Descend))
        {
            CgroupFreezer.Thaw(folderOfCgroup); // a frozen process does not even die
        }

        if (Find(folder) is { } keeper)
        {
            // The first process inside, so that the outer one sees the whole namespace end; if it is not there yet, the outer one.
            var inner = ProcessTable.Read().FirstOrDefault(process => process.ParentId == keeper._id);
            ProcessTable.Signal(inner?.Id ?? keeper._id, ProcessTable.Kill);
            var deadline = Stopwatch.StartNew();
            while (Find(folder) is not null)
            {
                if (deadline.Elapsed > EndTimeout)
                {
                    throw new LabException(LabFailure.TimedOut, $"process {keeper._id}, which holds the lab '{name}', does not end; run `blanket lab down {name}` again");
                }

                await Task.Delay(10);
            }
        }

        foreach (var folderOfCgroup in cgroups.SelectMany(Descend))
        {
            await RemoveCgroupAsync(folderOfCgroup);
        }

        foreach (var parent in cgroups.Select(Path.GetDirectoryName).OfType<string>())
        {
            await CommandRunner.RunAsync("rmdir", ["--ignore-fail-on-non-empty", parent]); // other labs may be there
        }
    }

    /// <summary>The control groups of a host (or, without one, of the lab) in every hierarchy that has them.</summary>
    public static IEnumerable<string> CgroupFolders(string cgroup, string? host = null)
        => Hierarchies.Select(hierarchy => Path.Combine("/sys/fs/cgroup", hierarchy, "blanket-lab", cgroup, host ?? "").TrimEnd('/')).Where(Directory.Exists);

    // Children before their parents. They may go while we look, as long as something inside still runs.
    private static IEnumerable<string> Descend(string folder)
    {
        try
        {
            return [.. Directory.GetDirectories(folder).SelectMany(Descend), folder];
        }
        catch (DirectoryNotFoundException)
        {
            return [];
        }
    }

    private static async Task RemoveCgroupAsync(string folder)
    {
        for (var attempt = 0; ; attempt++)
        {
            // Not recursive: the files of a control group are the kernel's, rmdir takes them along.
            await CommandRunner.RunAsync("rmdir", [folder]);
            if (!Directory.Exists(folder))
            {
                return;
            }

            if (attempt == 100)
            {
                throw new LabException(LabFailure.CommandFailed, $"the control group {folder} can't be removed: a process of the lab still lives in it");
            }

            await Task.Delay(20);
        }
    }
}
