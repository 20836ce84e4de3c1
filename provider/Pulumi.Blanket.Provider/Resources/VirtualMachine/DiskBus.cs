using System.ComponentModel;
using System.Text.Json.Serialization;

namespace Pulumi.Blanket.Provider.Resources.VirtualMachine;

[Description("How a VM sees a disk.")]
[JsonConverter(typeof(JsonStringEnumConverter<DiskBus>))]
internal enum DiskBus
{
    [Description("Paravirtual, the fastest; the guest needs virtio drivers, which Linux has.")]
    [JsonStringEnumMemberName("virtio")]
    Virtio,

    [Description("Paravirtual SCSI.")]
    [JsonStringEnumMemberName("scsi")]
    Scsi,

    [Description("Emulated, for guests without virtio drivers. Such disks can't be added or taken out while the VM runs.")]
    [JsonStringEnumMemberName("sata")]
    Sata,
}
