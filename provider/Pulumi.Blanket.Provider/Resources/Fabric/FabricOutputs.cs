using System.ComponentModel;
using Pulumi.Blanket.Provider.Definitions;
using Pulumi.Blanket.Provider.Resources.Host;

namespace Pulumi.Blanket.Provider.Resources.Fabric;

internal sealed record FabricOutputs
{
    [Description("What everything on the fabric takes. Its size does not grow with the fabric, and it stays the same while the fabric lives.")]
    [Secret]
    public required FabricConnection Connection { get; init; }

    [Description("The members by name, with what a placement has to know of them.")]
    public required IReadOnlyDictionary<string, InventoryEntry> Inventory { get; init; }

    [Description("The members, in the order in which they joined.")]
    public required IReadOnlyList<FabricMember> Members { get; init; }

    [Description("How members are reached that were taken out of `hosts` and still carry VMs.")]
    [Secret]
    public IReadOnlyList<HostConnection>? Departing { get; init; }

    [Description("The CPU model that all VMs have.")]
    [Stable]
    public required string CpuModel { get; init; }

    [Description("The machine type that all VMs have.")]
    [Stable]
    public required string MachineType { get; init; }
}
