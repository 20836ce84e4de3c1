using System.Globalization;
using Pulumi.Blanket.Agent.Images;
using Pulumi.Blanket.Agent.Networks;
using Pulumi.Blanket.Contract;
using Pulumi.Blanket.Libvirt.Xml;

namespace Pulumi.Blanket.Agent.Machines;

/// <summary>The domain that a machine is: what libvirt is told of it. Pure, and the same on every member.</summary>
internal static class MachineDomain
{
    /// <summary>Devices that can be plugged in before a restart is needed for more ports.</summary>
    private const int SparePorts = 6;

    /// <summary>Balloon, random numbers, and the channel's controller.</summary>
    private const int OwnDevices = 3;

    private const int ShownUuidCharacters = 8;

    private const string SeedTarget = "vdz";

    /// <summary>Of the memory that is given past libvirt's whole MiB; see <see cref="OddMemory"/>.</summary>
    private const int OddBytes = 8192;

    public static string NameOf(string name, string uuid) => $"{name}-{uuid[..ShownUuidCharacters]}";

    public static string ConsoleLogOf(string fabricId, string uuid) => $"{AgentPaths.Fabric(fabricId)}/consoles/{uuid}.log";

    public static int MaxVcpusOf(MachineSpec spec) => Math.Max(spec.MaxVcpus, spec.Vcpus);

    public static long MaxMemoryOf(MachineSpec spec) => Math.Max(spec.MaxMemoryMib, spec.MemoryMib);

    public static DomainDefinition Define(string uuid, MachineMetadata metadata, FabricFacts facts)
    {
        var (spec, record) = (metadata.Record.Spec, metadata.Record);
        List<DiskDefinition> disks = [.. spec.Disks.Zip(record.Disks, (disk, made) => Disk(disk, made, facts))];
        if (disks.Count > 0 && spec.Boot is null)
        {
            disks[0] = disks[0] with { BootOrder = 1 };
        }

        if (record.HasSeed)
        {
            disks.Add(SeedDisk(uuid));
        }

        return new DomainDefinition
        {
            Name = NameOf(spec.Name, uuid),
            Uuid = Guid.Parse(uuid),
            Type = facts.Settings.Layer == Layer.Kvm ? DomainType.Kvm : DomainType.Qemu,
            Architecture = facts.Settings.Architecture,
            MachineType = facts.Settings.MachineType,
            Cpu = new CpuDefinition(CpuMode.Custom, facts.Settings.CpuModel),
            Vcpus = spec.Vcpus,
            MaxVcpus = MaxVcpusOf(spec),
            MemoryMiB = checked((int)MaxMemoryOf(spec)),
            CurrentMemoryMiB = checked((int)spec.MemoryMib),
            Uefi = spec.Firmware == Firmware.Uefi,
            Boot = BootOf(spec),
            Disks = disks,
            Interfaces = [.. record.Leases.Select(lease => Card(lease, facts))],
            PciePorts = disks.Count + record.Leases.Count + OwnDevices + SparePorts,
            Usb = false,
            RandomSource = true,
            AgentChannel = true,
            ConsoleLog = ConsoleLogOf(facts.FabricId, uuid),
            QemuArguments = OddMemory(facts, MaxMemoryOf(spec)),
            Metadata = [metadata.ToXml()],
        };
    }

    public static DiskDefinition Disk(DiskSpec spec, DiskRecord made, FabricFacts facts)
        => new(made.Path, made.Target) { Bus = MachineDisks.BusOf(spec), Format = "qcow2", Discard = true, Serial = made.Serial, Backing = BackingOf(spec, facts) };

    /// <summary>A disk lies over its image, and over nothing else that it may name.</summary>
    private static BackingDefinition? BackingOf(DiskSpec spec, FabricFacts facts)
        => spec.Image.Length == 0 ? BackingDefinition.None
            : facts.Images.FirstOrDefault(image => image.Sha256 == spec.Image) is { Stored: { } stored } ? new BackingDefinition(ImageStore.PathOf(spec.Image), stored.Format)
            : null;

    public static InterfaceDefinition Card(Lease lease, FabricFacts facts)
        => new(OverlayNetwork.Bridge(lease.Vni), lease.Mac) { Device = OverlayNetwork.Card(lease), Mtu = facts.Networks.FirstOrDefault(network => network.Vni == lease.Vni)?.Mtu };

    public static DirectBoot? BootOf(MachineSpec spec) => spec.Boot is not { } boot ? null : new DirectBoot(
        ImageStore.PathOf(boot.Kernel), boot.Initrd.Length > 0 ? ImageStore.PathOf(boot.Initrd) : null, boot.Cmdline.Length > 0 ? boot.Cmdline : null);

    /// <summary>
    /// Under software emulation QEMU before 9.0 loses writes to memory in a live migration, unless the memory is no multiple of 64 pages; libvirt rounds to
    /// whole MiB (docs/lab.md has the story and the measurements). Given always there, since a machine may move to a member with an older QEMU.
    /// </summary>
    public static IReadOnlyList<string> OddMemory(FabricFacts facts, long memoryMib)
    {
        if (facts.Settings.Layer != Layer.Qemu)
        {
            return [];
        }

        var bytes = (memoryMib << 20) + OddBytes;
        return
        [
            "-object", string.Create(CultureInfo.InvariantCulture, $"memory-backend-ram,id=odd,size={bytes}"),
            "-machine", "memory-backend=odd",
            "-m", string.Create(CultureInfo.InvariantCulture, $"{bytes >> 10}k"),
        ];
    }

    // A virtio disk, not a CD-ROM: every guest has a driver for it that can run here at all, and small kernels have none for the CD-ROM's bus.
    public static DiskDefinition SeedDisk(string uuid) => new(Seed.PathOf(uuid), SeedTarget) { Format = "raw", ReadOnly = true, Serial = "seed" };
}
