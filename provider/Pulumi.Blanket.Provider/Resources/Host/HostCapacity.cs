using System.ComponentModel;

namespace Pulumi.Blanket.Provider.Resources.Host;

[Description("What a host has for VMs, within its `limit`.")]
internal sealed record HostCapacity
{
    [Description("Virtual CPUs.")]
    public required int Vcpus { get; init; }

    [Description("Memory, in MiB.")]
    public required long MemoryMiB { get; init; }

    [Description("Storage, in GiB.")]
    public required long StorageGiB { get; init; }
}
