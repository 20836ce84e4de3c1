using System.ComponentModel;
using Pulumi.Blanket.Provider.Definitions.Rules;
using Pulumi.Blanket.Provider.Resources.OnFabric;

namespace Pulumi.Blanket.Provider.Resources.VirtualMachine;

[Description("A kernel that a VM boots directly, without a boot loader.")]
internal sealed record VirtualMachineBoot
{
    [Description("The id of the image with the kernel.")]
    [FabricItem("Image", FabricItemAttribute.Image)]
    public required string Kernel { get; init; }

    [Description("The id of the image with the initial RAM file system.")]
    [FabricItem("Image", FabricItemAttribute.Image)]
    public string? Initrd { get; init; }

    [Description("The kernel's command line.")]
    [Pattern("[^\\x00-\\x1f\\x7f]*", "one line without control characters")]
    [Length(0, 2047)]
    public string? Cmdline { get; init; }
}
