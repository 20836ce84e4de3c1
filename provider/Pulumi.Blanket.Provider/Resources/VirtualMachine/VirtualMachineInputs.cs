using System.ComponentModel;
using Pulumi.Blanket.Provider.Definitions;
using Pulumi.Blanket.Provider.Definitions.Rules;
using Pulumi.Blanket.Provider.Resources.Fabric;
using Pulumi.Blanket.Provider.Resources.OnFabric;

namespace Pulumi.Blanket.Provider.Resources.VirtualMachine;

internal sealed record VirtualMachineInputs : IOnFabric
{
    [Description("The VM's name, and its host name where its seed says so.")]
    [AutoName]
    [Label]
    public string? Name { get; init; }

    [Description("The fabric that it is on. It can't change while the VM lives.")]
    [Secret]
    [FabricReference]
    public required FabricConnection Fabric { get; init; }

    [Description("The name of the host that it is to be on; another one moves it there. Default: the one with most room when the VM is made, chosen once.")]
    [Label]
    public string? Host { get; init; }

    [Description("Virtual CPUs. Changed while the VM runs, up to `maxVcpus`.")]
    [DefaultValue(1)]
    [Range(1, 512)]
    public int Vcpus { get; init; }

    [Description("Memory, in MiB. Changed while the VM runs, up to `maxMemoryMiB`.")]
    [Range(16, 16_777_216)]
    public required int MemoryMiB { get; init; }

    [Description("How many virtual CPUs it can be given without a restart. Default: as many as it has.")]
    [Range(1, 512)]
    public int? MaxVcpus { get; init; }

    [Description("How much memory it can be given without a restart, in MiB. Default: as much as it has.")]
    [Range(16, 16_777_216)]
    public int? MaxMemoryMiB { get; init; }

    [Description("Its disks. It boots from the first one, unless `boot` says otherwise. Disks are told apart by what they are made of, not by their place in the list.")]
    [Items(0, 32)]
    public IReadOnlyList<VirtualMachineDisk>? Disks { get; init; }

    [Description("Its network cards.")]
    [Items(0, 16)]
    public IReadOnlyList<VirtualMachineNetwork>? Networks { get; init; }

    [Description("A kernel to boot directly. Default: it boots from its first disk.")]
    public VirtualMachineBoot? Boot { get; init; }

    [Description("Its firmware.")]
    [DefaultValue(VirtualMachineFirmware.Bios)]
    public VirtualMachineFirmware Firmware { get; init; }

    [Description("Whether it has a TPM. Not supported yet.")]
    [DefaultValue(false)]
    public bool Tpm { get; init; }

    [Description("What cloud-init inside it reads from its seed, a small disk (NoCloud). A VM with networks has a seed without it, too, that tells the guest its name and addresses.")]
    public VirtualMachineCloudInit? CloudInit { get; init; }

    [Description("Whether it runs. One that was shut down from inside is started again by the next update.")]
    [DefaultValue(true)]
    public bool Running { get; init; }

    [Description("Whether it is started when its host starts.")]
    [DefaultValue(true)]
    public bool Autostart { get; init; }

    [Description("Names and values of your choice, for placement.")]
    [Pattern("[^\\x00-\\x1f\\x7f]{0,255}", "a text of at most 255 characters without control characters")]
    public IReadOnlyDictionary<string, string>? Labels { get; init; }

    [Description("How it is moved when `host` changes.")]
    public VirtualMachineMigration? Migration { get; init; }

    [Description("Whether an update may restart it, where something can't be changed while it runs. Otherwise such an update is an error that names what would need the restart.")]
    [DefaultValue(false)]
    public bool AllowRestart { get; init; }

    [Description("Whether an update may destroy what is on its own disks: by another image, which replaces the VM, or by taking a disk out. Otherwise such a change is an error.")]
    [DefaultValue(false)]
    public bool ForceDestroy { get; init; }
}
