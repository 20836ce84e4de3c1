using System.ComponentModel;
using System.Text.Json.Serialization;

namespace Pulumi.Blanket.Provider.Resources.VirtualMachine;

[Description("How a VM is carried to another host.")]
[JsonConverter(typeof(JsonStringEnumConverter<MigrationMode>))]
internal enum MigrationMode
{
    [Description("Live.")]
    [JsonStringEnumMemberName("auto")]
    Auto,

    [Description("Its memory is copied while it runs; it stands still for a moment at the end.")]
    [JsonStringEnumMemberName("live")]
    Live,

    [Description("It stands still while its memory is copied.")]
    [JsonStringEnumMemberName("suspend")]
    Suspend,

    [Description("It is shut down, its disks are copied, and it is started there.")]
    [JsonStringEnumMemberName("cold")]
    Cold,
}
