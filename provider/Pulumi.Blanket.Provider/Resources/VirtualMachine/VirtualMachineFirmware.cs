using System.ComponentModel;
using System.Text.Json.Serialization;

namespace Pulumi.Blanket.Provider.Resources.VirtualMachine;

[Description("What a VM starts with.")]
[JsonConverter(typeof(JsonStringEnumConverter<VirtualMachineFirmware>))]
internal enum VirtualMachineFirmware
{
    [Description("A BIOS.")]
    [JsonStringEnumMemberName("bios")]
    Bios,

    [Description("UEFI, where the host has it.")]
    [JsonStringEnumMemberName("uefi")]
    Uefi,
}
