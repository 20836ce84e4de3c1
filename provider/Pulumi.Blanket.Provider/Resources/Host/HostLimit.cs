using System.ComponentModel;
using Pulumi.Blanket.Provider.Definitions.Rules;

namespace Pulumi.Blanket.Provider.Resources.Host;

[Description("What of a machine may be used for VMs. What is not given: all of it.")]
internal sealed record HostLimit
{
    [Description("Virtual CPUs.")]
    [Range(1, 4096)]
    public int? Vcpus { get; init; }

    [Description("Memory, in MiB.")]
    [Range(64, 1 << 30)]
    public long? MemoryMiB { get; init; }

    [Description("Storage, in GiB.")]
    [Range(1, 1 << 30)]
    public long? StorageGiB { get; init; }
}
