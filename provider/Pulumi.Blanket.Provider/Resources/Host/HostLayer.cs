using System.ComponentModel;
using System.Text.Json.Serialization;

namespace Pulumi.Blanket.Provider.Resources.Host;

[Description("Hypervisors that VMs can run on.")]
[JsonConverter(typeof(JsonStringEnumConverter<HostLayer>))]
internal enum HostLayer
{
    [Description("`kvm` where the host proves that it runs a guest, else `qemu`.")]
    [JsonStringEnumMemberName("auto")]
    Auto,

    [Description("Hardware virtualisation, on bare metal or nested.")]
    [JsonStringEnumMemberName("kvm")]
    Kvm,

    [Description("Software emulation: slow, and runs anywhere.")]
    [JsonStringEnumMemberName("qemu")]
    Qemu,

    [Description("Paravirtualisation, which needs no nested hardware. Not supported yet.")]
    [JsonStringEnumMemberName("xen")]
    Xen,
}
