using System.ComponentModel;
using System.Text.Json.Serialization;

namespace Pulumi.Blanket.Provider.Resources.VirtualMachine;

[Description("What becomes of a migration that is not done in time.")]
[JsonConverter(typeof(JsonStringEnumConverter<MigrationTimeout>))]
internal enum MigrationTimeout
{
    [Description("It is cancelled, and the VM runs on where it is.")]
    [JsonStringEnumMemberName("cancel")]
    Cancel,

    [Description("The VM stands still until it is there.")]
    [JsonStringEnumMemberName("suspend")]
    Suspend,
}
