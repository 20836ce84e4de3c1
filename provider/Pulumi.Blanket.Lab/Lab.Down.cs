using System.Diagnostics;
using Pulumi.Blanket.Lab.Definition;
using Pulumi.Blanket.Lab.Keeping;
using Pulumi.Blanket.Lab.Machine;
using Pulumi.Blanket.Lab.Requirements;

namespace Pulumi.Blanket.Lab;

public sealed partial class Lab
{
    /// <summary>Takes a lab away, whole or half made: its processes, mounts, namespaces, control groups and files. The cache stays.</summary>
    /// <returns>False when there was nothing of that name.</returns>
    public static async Task<bool> DownAsync(string name, LabPaths paths, CancellationToken cancellationToken = default)
    {
        LabRequirements.CheckMachine(new MachineFacts());
        LabDefinition.CheckedName(name);
        using (await LabLock.TakeAsync($"{paths.Root}/{name}", cancellationToken))
        {
            return await TearDownAsync(name, paths);
        }
    }

    /// <summary>Deletes what is cached. Refused while a lab is up, since hosts stand on it.</summary>
    public static void Clean(LabPaths paths)
    {
        LabRequirements.CheckMachine(new MachineFacts());
        if (Names(paths) is { Count: > 0 } names)
        {
            throw new LabException(LabFailure.Conflict, $"labs are up ({string.Join(", ", names)}) and use the cache; run `blanket lab down NAME` for each first");
        }

        if (Directory.Exists(paths.Cache))
        {
            Directory.Delete(paths.Cache, recursive: true);
        }
    }

    private static async Task<bool> TearDownAsync(string name, LabPaths paths)
    {
        var folder = paths.Lab(name);
        if (Directory.Exists(folder))
        {
            // Ended while all is where it was, since a boot in progress would make its folders anew. Then renamed: a keeper
            // that was only just starting, and is not on record yet, finds no folder and ends by itself.
            await Keeper.EndAsync(folder, name, paths.UniqueName(name));
            Directory.Move(folder, Path.Combine(paths.Labs, $".{name}.{Guid.NewGuid():n}"));
        }

        var remains = Directory.Exists(paths.Labs) ? Directory.GetDirectories(paths.Labs, $".{name}.*") : [];
        foreach (var remainder in remains)
        {
            await RemoveAsync(remainder, name, paths.UniqueName(name));
        }

        return remains.Length > 0;
    }

    // A keeper that was only just starting may write its record while the folder is deleted: then it is there to be ended, too.
    private static async Task RemoveAsync(string folder, string name, string cgroup)
    {
        for (var attempt = 0; ; attempt++)
        {
            await Keeper.EndAsync(folder, name, cgroup);
            await WaitForLoopDevicesAsync(folder);
            try
            {
                Directory.Delete(folder, recursive: true);
                return;
            }
            catch (IOException) when (attempt < 100)
            {
                await Task.Delay(20);
            }
        }
    }

    // The kernel detaches a loop device a moment after the last mount namespace with its file system is gone.
    private static async Task WaitForLoopDevicesAsync(string folder)
    {
        var deadline = Stopwatch.StartNew();
        while (Directory.GetDirectories("/sys/block", "loop*").Any(device => UsesFileIn(device, folder)))
        {
            if (deadline.Elapsed > TimeSpan.FromSeconds(30))
            {
                throw new LabException(LabFailure.TimedOut, $"a loop device still holds a file in {folder}; `losetup -a` names it, `losetup -d` frees it");
            }

            await Task.Delay(10);
        }
    }

    private static bool UsesFileIn(string device, string folder)
    {
        try
        {
            return File.ReadAllText(Path.Combine(device, "loop/backing_file")).StartsWith(folder + "/", StringComparison.Ordinal);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            return false; // no file behind it
        }
    }
}
