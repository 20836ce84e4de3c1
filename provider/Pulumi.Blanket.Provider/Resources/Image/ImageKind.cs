using System.ComponentModel;
using System.Text.Json.Serialization;

namespace Pulumi.Blanket.Provider.Resources.Image;

[Description("What an image can be.")]
[JsonConverter(typeof(JsonStringEnumConverter<ImageKind>))]
internal enum ImageKind
{
    [Description("A disk, in QEMU's own format.")]
    [JsonStringEnumMemberName("qcow2")]
    Qcow2,

    [Description("A disk, byte for byte.")]
    [JsonStringEnumMemberName("raw")]
    Raw,

    [Description("A disk in VMware's format. Members keep it converted to qcow2.")]
    [JsonStringEnumMemberName("vmdk")]
    Vmdk,

    [Description("A disk in Hyper-V's format. Members keep it converted to qcow2.")]
    [JsonStringEnumMemberName("vhdx")]
    Vhdx,

    [Description("A Linux kernel, to boot directly.")]
    [JsonStringEnumMemberName("kernel")]
    Kernel,

    [Description("The initial RAM file system that goes with a kernel.")]
    [JsonStringEnumMemberName("initrd")]
    Initrd,
}
