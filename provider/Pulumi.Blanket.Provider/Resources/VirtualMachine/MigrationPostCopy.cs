using System.ComponentModel;
using System.Text.Json.Serialization;

namespace Pulumi.Blanket.Provider.Resources.VirtualMachine;

[Description("When a VM goes on at its target before all of its memory is there.")]
[JsonConverter(typeof(JsonStringEnumConverter<MigrationPostCopy>))]
internal enum MigrationPostCopy
{
    [Description("Never.")]
    [JsonStringEnumMemberName("never")]
    Never,

    [Description("After `timeoutSeconds`: the migration is cancelled then, and another one begun by post-copy.")]
    [JsonStringEnumMemberName("onTimeout")]
    OnTimeout,

    [Description("At once, after one pass over its memory.")]
    [JsonStringEnumMemberName("always")]
    Always,
}
