using System.Globalization;
using Pulumi.Blanket.Agent.Volumes;
using Pulumi.Blanket.Contract;

namespace Pulumi.Blanket.Agent.Machines;

/// <summary>Which disk of a machine is which, when its specification changes. Pure.</summary>
/// <param name="Disks">One per disk of the new specification, in their order.</param>
/// <param name="Added">Of those, the ones that were not there.</param>
/// <param name="Removed">Disks that were there, and are not in the new specification.</param>
/// <param name="NextDisk">Number of the disk that would be made next.</param>
internal sealed record MachineDisks(IReadOnlyList<DiskRecord> Disks, IReadOnlyList<DiskRecord> Added, IReadOnlyList<DiskRecord> Removed, int NextDisk)
{
    /// <summary>Letters after vd or sd; the last is the seed's.</summary>
    private const string Letters = "abcdefghijklmnopqrstuvwxy";

    /// <summary>QEMU cuts a virtio disk's serial number off behind this.</summary>
    private const int SerialCharacters = 20;

    /// <summary>Disks are known by what they are made of, never by their place alone: <see cref="DiskMatching"/> tells which is which.</summary>
    public static MachineDisks Match(string uuid, MachineRecord before, MachineSpec after)
    {
        var matching = DiskMatching.Of(before.Spec.Disks, after.Disks);
        var kept = matching.Kept.ToDictionary(pair => pair.New, pair => before.Disks[pair.Old]);
        var next = before.NextDisk;
        List<DiskRecord> disks = [];
        for (var index = 0; index < after.Disks.Count; index++)
        {
            if (kept.TryGetValue(index, out var stays))
            {
                disks.Add(stays);
                continue;
            }

            var spec = after.Disks[index];
            var taken = disks.Concat(before.Disks).Select(disk => disk.Target).ToHashSet(StringComparer.Ordinal);
            var made = spec.Volume.Length > 0
                ? new DiskRecord { Path = VolumeStore.PathOf(spec.Volume), Serial = spec.Volume.Replace("-", "", StringComparison.Ordinal)[..SerialCharacters] }
                : new DiskRecord { Path = PathOf(uuid, next), Own = true, Serial = string.Create(CultureInfo.InvariantCulture, $"disk{next}") };
            next += spec.Volume.Length > 0 ? 0 : 1;
            made.Target = TargetOf(spec.Bus, taken);
            disks.Add(made);
        }

        return new MachineDisks(disks, [.. matching.Added.Select(index => disks[index])], [.. matching.Removed.Select(index => before.Disks[index])], next);
    }

    public static string PathOf(string uuid, int number) => string.Create(CultureInfo.InvariantCulture, $"{AgentPaths.Pool}/{uuid}-disk{number}.qcow2");

    public static string BusOf(DiskSpec spec) => spec.Bus.Length > 0 ? spec.Bus : "virtio";

    private static string TargetOf(string bus, HashSet<string> taken)
    {
        var prefix = bus is "scsi" or "sata" ? "sd" : "vd";
        foreach (var letter in Letters)
        {
            if (!taken.Contains($"{prefix}{letter}"))
            {
                return $"{prefix}{letter}";
            }
        }

        throw new AgentException(AgentFault.BadRequest, $"a machine has at most {Letters.Length} disks of one kind");
    }
}
