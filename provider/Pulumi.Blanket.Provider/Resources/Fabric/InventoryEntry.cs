using System.ComponentModel;
using Pulumi.Blanket.Provider.Resources.Host;

namespace Pulumi.Blanket.Provider.Resources.Fabric;

[Description("What a placement has to know of a member.")]
internal sealed record InventoryEntry
{
    [Description("The machine's own id.")]
    public required string MachineId { get; init; }

    [Description("What it has for VMs, within its `limit`.")]
    public required HostCapacity Capacity { get; init; }

    [Description("How much more may be promised than there is; absent: nothing.")]
    public Oversubscription? Oversubscription { get; init; }

    [Description("What it costs per hour.")]
    public double? PricePerHour { get; init; }

    [Description("Its labels.")]
    public IReadOnlyDictionary<string, string>? Labels { get; init; }

    [Description("Its hypervisor.")]
    public required string Layer { get; init; }

    [Description("Its cloud.")]
    public string? Cloud { get; init; }

    [Description("Its region.")]
    public string? Region { get; init; }

    [Description("Its zone.")]
    public string? Zone { get; init; }

    [Description("Whether it takes new VMs.")]
    public required bool Schedulable { get; init; }
}
