using System.Globalization;
using Pulumi.Blanket.Contract;
using Pulumi.Blanket.Libvirt.Xml;

namespace Pulumi.Blanket.Agent.Machines;

/// <summary>What has to be done to a machine to bring it to another specification. Pure: looks at what libvirt said, does nothing.</summary>
internal sealed record MachineChanges
{
    /// <summary>As it is to be kept in the metadata.</summary>
    public required MachineRecord Record { get; init; }

    /// <summary>Properties, as users write them, that can't change while the machine runs.</summary>
    public required IReadOnlyList<string> NeedRestart { get; init; }

    public required IReadOnlyList<(DiskSpec Spec, DiskRecord Disk)> AddedDisks { get; init; }

    public required IReadOnlyList<DiskRecord> RemovedDisks { get; init; }

    /// <summary>Disks that stay and become larger, to so many bytes.</summary>
    public required IReadOnlyList<(DiskRecord Disk, long SizeBytes)> GrownDisks { get; init; }

    public required IReadOnlyList<Lease> AddedCards { get; init; }

    /// <summary>MACs of cards that go.</summary>
    public required IReadOnlyList<string> RemovedCards { get; init; }

    public required bool ChangesAddresses { get; init; }

    /// <param name="machine">As it is.</param>
    /// <param name="wanted">Without what is secret.</param>
    public static MachineChanges Plan(FoundMachine machine, MachineSpec wanted, IReadOnlyList<Lease> leases)
    {
        var before = machine.Record;
        var disks = MachineDisks.Match(machine.Uuid, before, wanted);
        MachineRecord record = new() { Spec = wanted, Leases = { leases }, Disks = { disks.Disks }, NextDisk = disks.NextDisk, HasSeed = before.HasSeed, LastMove = before.LastMove };
        var macsBefore = MachineReader.Macs(machine.Live ?? machine.Defined);
        var macsAfter = leases.Select(lease => lease.Mac).ToHashSet(StringComparer.OrdinalIgnoreCase);
        var paths = MachineCatalog.DiskPaths(machine.Live ?? machine.Defined).ToHashSet(StringComparer.Ordinal);
        var pairs = wanted.Disks.Zip(disks.Disks).ToList();
        return new MachineChanges
        {
            Record = record,
            NeedRestart = Restarts(machine, before, wanted, disks),
            AddedDisks = [.. pairs.Where(pair => !paths.Contains(pair.Second.Path))],
            RemovedDisks = disks.Removed,
            GrownDisks = [.. pairs.Where(pair => !disks.Added.Contains(pair.Second) && pair.First.SizeGib << 30 > pair.Second.SizeBytes && pair.First.SizeGib > 0 && pair.Second.Own).Select(pair => (pair.Second, pair.First.SizeGib << 30))],
            AddedCards = [.. leases.Where(lease => !macsBefore.Contains(lease.Mac))],
            RemovedCards = [.. before.Leases.Select(lease => lease.Mac).Where(mac => !macsAfter.Contains(mac) && macsBefore.Contains(mac))],
            ChangesAddresses = !before.Leases.Equals(new MachineRecord { Leases = { leases } }.Leases),
        };
    }

    private static List<string> Restarts(FoundMachine machine, MachineRecord before, MachineSpec wanted, MachineDisks disks)
    {
        var defined = DomainDefinition.FromXml(machine.Defined);
        List<string> properties = [];
        // A maximum that is left out is no wish: what there is is enough as long as it suffices.
        var maxVcpus = defined.MaxVcpus ?? defined.Vcpus;
        if (wanted.MaxVcpus > 0 ? MachineDomain.MaxVcpusOf(wanted) != maxVcpus : wanted.Vcpus > maxVcpus)
        {
            properties.Add(wanted.MaxVcpus > 0 ? "maxVcpus" : "vcpus");
        }

        if (wanted.MaxMemoryMib > 0 ? MachineDomain.MaxMemoryOf(wanted) != defined.MemoryMiB : wanted.MemoryMib > defined.MemoryMiB)
        {
            properties.Add(wanted.MaxMemoryMib > 0 ? "maxMemoryMiB" : "memoryMiB");
        }

        if (!Equals(defined.Boot, MachineDomain.BootOf(wanted)))
        {
            properties.Add("boot");
        }

        if (defined.Uefi != (wanted.Firmware == Firmware.Uefi))
        {
            properties.Add("firmware");
        }

        for (var index = 0; index < wanted.Disks.Count; index++)
        {
            var old = before.Disks.IndexOf(disks.Disks[index]);
            if (old >= 0 && MachineDisks.BusOf(before.Spec.Disks[old]) != MachineDisks.BusOf(wanted.Disks[index]))
            {
                properties.Add(string.Create(CultureInfo.InvariantCulture, $"disks[{index}].bus"));
            }
            else if (disks.Added.Contains(disks.Disks[index]) && MachineDisks.BusOf(wanted.Disks[index]) == "sata")
            {
                properties.Add(string.Create(CultureInfo.InvariantCulture, $"disks[{index}]"));
            }
        }

        if (disks.Removed.Any(disk => MachineDisks.BusOf(before.Spec.Disks[before.Disks.IndexOf(disk)]) == "sata"))
        {
            properties.Add("disks (one with the bus 'sata' is taken out)");
        }

        if (wanted.Boot is null && disks.Disks.Count > 0 && defined.Disks.FirstOrDefault(disk => disk.BootOrder == 1) is { } bootDisk && bootDisk.Path != disks.Disks[0].Path)
        {
            properties.Add("disks[0] (it boots from another disk)");
        }

        return properties;
    }
}
