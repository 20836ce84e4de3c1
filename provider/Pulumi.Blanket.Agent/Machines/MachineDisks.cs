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

    /// <summary>
    /// Disks are known by what they are: a volume by its id, one of an image by the image, a blank one by being blank, and equal ones by their order. Never by
    /// their place alone: taking out the first of two would else make the second the first.
    /// </summary>
    public static MachineDisks Match(string uuid, MachineRecord before, MachineSpec after)
    {
        List<(string Kind, DiskSpec Spec, DiskRecord Disk)> known = [.. before.Spec.Disks.Zip(before.Disks, (spec, disk) => (KindOf(spec), spec, disk))];
        var next = before.NextDisk;
        List<DiskRecord> disks = [];
        List<DiskRecord> added = [];
        foreach (var spec in after.Disks)
        {
            var index = known.FindIndex(candidate => candidate.Kind == KindOf(spec));
            if (index >= 0)
            {
                disks.Add(known[index].Disk);
                known.RemoveAt(index);
                continue;
            }

            var taken = disks.Concat(before.Disks).Select(disk => disk.Target).ToHashSet(StringComparer.Ordinal);
            var made = spec.Volume.Length > 0
                ? new DiskRecord { Path = VolumeStore.PathOf(spec.Volume), Serial = spec.Volume.Replace("-", "", StringComparison.Ordinal)[..SerialCharacters] }
                : new DiskRecord { Path = PathOf(uuid, next), Own = true, Serial = string.Create(CultureInfo.InvariantCulture, $"disk{next}") };
            next += spec.Volume.Length > 0 ? 0 : 1;
            made.Target = TargetOf(spec.Bus, taken);
            disks.Add(made);
            added.Add(made);
        }

        return new MachineDisks(disks, added, [.. known.Select(gone => gone.Disk)], next);
    }

    public static string PathOf(string uuid, int number) => string.Create(CultureInfo.InvariantCulture, $"{AgentPaths.Pool}/{uuid}-disk{number}.qcow2");

    public static string BusOf(DiskSpec spec) => spec.Bus.Length > 0 ? spec.Bus : "virtio";

    private static string KindOf(DiskSpec spec) => spec.Volume.Length > 0 ? $"volume {spec.Volume}" : spec.Image.Length > 0 ? $"image {spec.Image}" : "blank";

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
