using System.ComponentModel;
using Pulumi.Blanket.Provider.Definitions.Rules;
using Pulumi.Blanket.Provider.Resources.OnFabric;

namespace Pulumi.Blanket.Provider.Resources.VirtualMachine;

[Description("A disk of a VM: made from an image, or a volume, or blank. A disk that is no volume is the VM's own, and is deleted with it.")]
internal sealed record VirtualMachineDisk
{
    [Description("The id of the image that it starts out as. Another image replaces the VM, and needs `forceDestroy`.")]
    [FabricItem("Image", FabricItemAttribute.Image)]
    public string? Image { get; init; }

    [Description("The id of the volume that it is.")]
    [FabricItem("Volume", FabricItemAttribute.Volume)]
    public string? Volume { get; init; }

    [Description("Its size, in GiB. It can grow while the VM runs, and never shrinks. Default: as large as the image. A blank disk needs one; a volume has its own.")]
    [Range(1, 65536)]
    public int? SizeGiB { get; init; }

    [Description("How the VM sees it.")]
    [DefaultValue(DiskBus.Virtio)]
    public DiskBus Bus { get; init; }
}
