using Pulumi.Blanket.Contract;
using Pulumi.Blanket.Provider.Agents;
using Pulumi.Blanket.Provider.Resources.OnFabric;

namespace Pulumi.Blanket.Provider.Resources.VirtualMachine;

/// <summary>Between the resource's records and the agents' messages.</summary>
internal static class VirtualMachineTranslation
{
    private const int MiBPerGiB = 1024;

    public static MachineSpec ToSpec(VirtualMachineInputs inputs)
    {
        MachineSpec spec = new()
        {
            Name = inputs.Name ?? "",
            Vcpus = inputs.Vcpus,
            MemoryMib = inputs.MemoryMiB,
            MaxVcpus = inputs.MaxVcpus ?? 0,
            MaxMemoryMib = inputs.MaxMemoryMiB ?? 0,
            Disks = { (inputs.Disks ?? []).Select(ToSpec) },
            Nics = { (inputs.Networks ?? []).Select(card => new NicSpec { Vni = VniOf(card), Address = card.Address ?? "", Mac = card.Mac ?? "" }) },
            Firmware = inputs.Firmware == VirtualMachineFirmware.Uefi ? Firmware.Uefi : Firmware.Bios,
            Running = inputs.Running,
            Autostart = inputs.Autostart,
            AllowRestart = inputs.AllowRestart,
            ForceDestroy = inputs.ForceDestroy,
            Host = inputs.Host ?? "",
        };
        spec.Labels.Add(inputs.Labels?.ToDictionary() ?? []);
        if (inputs.Boot is { } boot)
        {
            spec.Boot = new BootSpec { Kernel = KeyOf(boot.Kernel), Initrd = KeyOf(boot.Initrd), Cmdline = boot.Cmdline ?? "" };
        }

        if (inputs.CloudInit is { } cloudInit)
        {
            spec.CloudInit = new CloudInit { UserData = cloudInit.UserData ?? "", MetaData = cloudInit.MetaData ?? "", NetworkConfig = cloudInit.NetworkConfig ?? "" };
        }

        return spec;
    }

    public static DiskSpec ToSpec(VirtualMachineDisk disk)
        => new() { Image = KeyOf(disk.Image), Volume = KeyOf(disk.Volume), SizeGib = disk.SizeGiB ?? 0, Bus = NameOf(disk.Bus) };

    /// <summary>The room and addresses that a machine needs, without a word about where.</summary>
    public static ClaimMachineRequest ToClaim(string urn, VirtualMachineInputs inputs)
    {
        var disks = inputs.Disks ?? [];
        var own = disks.Where(disk => disk.Volume is null).ToList();
        return new()
        {
            Urn = urn,
            Name = inputs.Name ?? "",
            Vcpus = inputs.Vcpus,
            MemoryMib = inputs.MemoryMiB,
            StorageMib = own.Sum(disk => (long)(disk.SizeGiB ?? 0) * MiBPerGiB),
            SizedByImages = { own.Where(disk => disk.SizeGiB is null && disk.Image is not null).Select(disk => KeyOf(disk.Image)) },
            Images = { disks.Select(disk => disk.Image).Append(inputs.Boot?.Kernel).Append(inputs.Boot?.Initrd).OfType<string>().Select(KeyOf).Distinct() },
            Volumes = { disks.Select(disk => disk.Volume).OfType<string>().Select(KeyOf) },
            Nics = { (inputs.Networks ?? []).Select(card => new NicClaim { Vni = VniOf(card), Address = card.Address ?? "", Mac = card.Mac ?? "" }) },
        };
    }

    /// <summary>The inputs that the machine is as. What can be written in several ways is written as it was given.</summary>
    public static VirtualMachineInputs ToInputs(MachineView view, VirtualMachineInputs given, string fabricId)
    {
        var spec = view.Spec;
        return given with
        {
            Name = spec.Name,
            Host = NullIfEmpty(spec.Host),
            Vcpus = spec.Vcpus,
            MemoryMiB = (int)spec.MemoryMib,
            MaxVcpus = Most(spec.MaxVcpus, spec.Vcpus, given.MaxVcpus),
            MaxMemoryMiB = Most((int)spec.MaxMemoryMib, (int)spec.MemoryMib, given.MaxMemoryMiB),
            Disks = spec.Disks.Count > 0 ? ToDisks(spec.Disks, given.Disks ?? [], fabricId) : EmptyAs(given.Disks),
            Networks = spec.Nics.Count > 0
                ? [.. spec.Nics.Select(card => new VirtualMachineNetwork { Network = $"{fabricId}/{card.Vni}", Address = NullIfEmpty(card.Address), Mac = NullIfEmpty(card.Mac) })]
                : EmptyAs(given.Networks),
            Boot = spec.Boot is { } boot
                ? new VirtualMachineBoot { Kernel = IdOf(boot.Kernel, fabricId)!, Initrd = IdOf(boot.Initrd, fabricId), Cmdline = As(boot.Cmdline, given.Boot?.Cmdline) }
                : null,
            Firmware = spec.Firmware == Firmware.Uefi ? VirtualMachineFirmware.Uefi : VirtualMachineFirmware.Bios,
            CloudInit = spec.CloudInit is { } cloudInit
                ? new VirtualMachineCloudInit
                {
                    UserData = As(cloudInit.UserData, given.CloudInit?.UserData),
                    MetaData = NullIfEmpty(cloudInit.MetaData),
                    NetworkConfig = NullIfEmpty(cloudInit.NetworkConfig),
                }
                : null,
            Running = view.State == MachineState.Running,
            Autostart = spec.Autostart,
            Labels = spec.Labels.Count > 0 ? spec.Labels : given.Labels is { Count: 0 } ? given.Labels : null,
            AllowRestart = spec.AllowRestart,
            ForceDestroy = spec.ForceDestroy,
        };
    }

    public static VirtualMachineOutputs ToOutputs(MachineView view, FabricDirectory directory) => new()
    {
        Location = directory.NameOf(view.Location),
        SettledHost = view.SettledHost,
        Addresses = [.. view.Leases.Select(lease => lease.Address).Concat(view.GuestAddresses).Distinct()],
        State = StateOf(view),
        LastMigration = view.LastMove is not { } move ? null : new LastMigration
        {
            Source = move.Source,
            Target = move.Target,
            Mode = move.Mode,
            Seconds = Math.Round(move.Seconds, 2),
            DowntimeMs = new LastMigrationDowntime { Copy = Math.Round(move.CopyMs), SwitchOver = Math.Round(move.SwitchOverMs), Resume = Math.Round(move.ResumeMs) },
            TransferredMiB = (int)(move.TransferredBytes >> 20),
        },
    };

    public static MoveOptions ToOptions(VirtualMachineMigration? migration) => migration is null ? new() : new()
    {
        Mode = migration.Mode switch { MigrationMode.Live => MoveMode.Live, MigrationMode.Suspend => MoveMode.Suspend, MigrationMode.Cold => MoveMode.Cold, _ => MoveMode.Auto },
        BandwidthMibps = migration.BandwidthMiBps ?? 0,
        DowntimeMs = migration.DowntimeMs ?? 0,
        TimeoutSeconds = migration.TimeoutSeconds ?? 0,
        SuspendOnTimeout = migration.OnTimeout == MigrationTimeout.Suspend,
        AutoConverge = migration.AutoConverge,
        Compress = migration.Compression,
        Connections = migration.Connections ?? 0,
        AllowOffline = migration.AllowOffline,
        PostCopy = migration.PostCopy switch { MigrationPostCopy.OnTimeout => PostCopyUse.OnTimeout, MigrationPostCopy.Always => PostCopyUse.Always, _ => PostCopyUse.Never },
    };

    /// <summary>What a machine is as long as only its room is certain.</summary>
    public static VirtualMachineOutputs ToOutputs(MachineClaim claim, VirtualMachineInputs inputs, FabricDirectory? directory) => new()
    {
        Location = directory?.NameOf(claim.Member) ?? claim.Member,
        SettledHost = inputs.Host ?? "",
        Addresses = [.. claim.Leases.Select(lease => lease.Address)],
        State = VirtualMachineOutputs.Unfinished,
    };

    public static string StateOf(MachineView view) => view.Phase == MachinePhase.Creating ? VirtualMachineOutputs.Unfinished : view.State switch
    {
        MachineState.Running => VirtualMachineOutputs.Running,
        MachineState.Paused => VirtualMachineOutputs.Paused,
        MachineState.Crashed => VirtualMachineOutputs.Crashed,
        _ => VirtualMachineOutputs.Stopped,
    };

    public static string NameOf(DiskBus bus) => bus switch { DiskBus.Scsi => "scsi", DiskBus.Sata => "sata", _ => "virtio" };

    // The size of a disk that is made from an image is told only where it was asked for, so that leaving it out is no change.
    private static IReadOnlyList<VirtualMachineDisk> ToDisks(IReadOnlyList<DiskSpec> disks, IReadOnlyList<VirtualMachineDisk> given, string fabricId)
    {
        var givenOf = DiskMatching.Of([.. given.Select(ToSpec)], disks).Kept.ToDictionary(pair => pair.New, pair => given[pair.Old]);
        return
        [
            .. disks.Select((disk, index) => new VirtualMachineDisk
            {
                Image = IdOf(disk.Image, fabricId),
                Volume = IdOf(disk.Volume, fabricId),
                SizeGiB = disk.SizeGib == 0 || disk.Volume.Length > 0 || givenOf.GetValueOrDefault(index) is { Image: not null, SizeGiB: null } ? null : (int)disk.SizeGib,
                Bus = disk.Bus switch { "scsi" => DiskBus.Scsi, "sata" => DiskBus.Sata, _ => DiskBus.Virtio },
            }),
        ];
    }

    private static int? Most(int most, int now, int? given) => most == 0 || (given is null && most == now) ? null : most;

    private static IReadOnlyList<T>? EmptyAs<T>(IReadOnlyList<T>? given) => given is { Count: 0 } ? given : null;

    private static string? As(string text, string? given) => text.Length == 0 && given is null ? null : text;

    private static uint VniOf(VirtualMachineNetwork card) => uint.Parse(FabricItemId.Parse(card.Network).Key);

    private static string KeyOf(string? id) => id is null ? "" : FabricItemId.Parse(id).Key;

    private static string? IdOf(string key, string fabricId) => key.Length == 0 ? null : $"{fabricId}/{key}";

    private static string? NullIfEmpty(string text) => text.Length == 0 ? null : text;
}
