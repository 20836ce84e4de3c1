using Pulumi.Blanket.Agent.Machine;
using Pulumi.Blanket.Contract;

namespace Pulumi.Blanket.Agent.Storage;

/// <summary>The room in this host's storage pool, as it is now: by the file system itself, the files in the pool, and the claims of the fabric.</summary>
internal static class PoolRoom
{
    private const string VolumePrefix = "volume-";

    public static StorageRoom Of(FabricFacts? facts)
    {
        DriveInfo drive = new(Directory.Exists(AgentPaths.State) ? AgentPaths.State : "/var/lib");
        return StorageRoom.Of(drive.TotalSize, drive.AvailableFreeSpace, facts is null ? [] : Disks(facts));
    }

    private static IEnumerable<(long Promised, long Taken)> Disks(FabricFacts facts)
    {
        var own = MachineFacts.MachineId;
        Dictionary<string, long> taken = [];
        foreach (var file in Directory.Exists(AgentPaths.Pool) ? Directory.EnumerateFiles(AgentPaths.Pool) : [])
        {
            if (OwnerOf(Path.GetFileName(file)) is { } uuid && FileStatus.Of(file) is { } status)
            {
                taken[uuid] = taken.GetValueOrDefault(uuid) + status.AllocatedBytes;
            }
        }

        var machines = facts.Machines.Where(claim => claim.Member == own || claim.MovingTo == own).ToList();
        var arriving = machines.SelectMany(claim => claim.Volumes).ToHashSet(StringComparer.Ordinal);
        return
        [
            .. machines.Select(claim => (claim.StorageMib << 20, taken.GetValueOrDefault(claim.Uuid))),
            .. facts.Volumes.Where(claim => claim.Member == own || arriving.Contains(claim.Uuid)).Select(claim => (claim.SizeGib << 30, taken.GetValueOrDefault(claim.Uuid))),
        ];
    }

    /// <returns>The UUID of the VM or volume; null of an image.</returns>
    private static string? OwnerOf(string file)
    {
        const int Characters = 36;
        var from = file.StartsWith(VolumePrefix, StringComparison.Ordinal) ? VolumePrefix.Length : 0;
        return file.Length >= from + Characters && Guid.TryParse(file.AsSpan(from, Characters), out _) ? file.Substring(from, Characters) : null;
    }
}
