using System.ComponentModel;

namespace Pulumi.Blanket.Provider.Resources.Host;

[Description("A host's processor.")]
internal sealed record HostCpu
{
    [Description("Who made it, as the machine says it, such as `GenuineIntel`.")]
    public required string Vendor { get; init; }

    [Description("Its model, as the machine says it.")]
    public required string Model { get; init; }

    [Description("Names of the CPU models that VMs on the host can have; a fabric takes one that all its members have.")]
    public required IReadOnlyList<string> UsableModels { get; init; }
}
