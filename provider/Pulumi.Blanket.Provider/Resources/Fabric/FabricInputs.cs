using System.ComponentModel;
using Pulumi.Blanket.Provider.Definitions;
using Pulumi.Blanket.Provider.Definitions.Rules;
using Pulumi.Blanket.Provider.Resources.Host;

namespace Pulumi.Blanket.Provider.Resources.Fabric;

internal sealed record FabricInputs
{
    [Description("The fabric's name, for people.")]
    [AutoName]
    [Label]
    public string? Name { get; init; }

    [Description("The fabric's members: the `connection` of each host. A host that is taken out and still carries VMs departs first: it takes no new ones, and leaves once the last is gone.")]
    [Secret]
    [Items(1, 200)]
    public required IReadOnlyList<HostConnection> Hosts { get; init; }

    [Description("The network that members have their mesh addresses in. It must not overlap with one that the hosts or VMs use. Fixed when the fabric is made.")]
    [DefaultValue("10.213.0.0/16")]
    [Cidr]
    public string MeshCidr { get; init; } = "";

    [Description("The port that members reach each other on: UDP on the machines' own addresses, for WireGuard; TCP on their mesh addresses, for their agents. Fixed when the fabric is made.")]
    [DefaultValue(51820)]
    [Port]
    public int MeshPort { get; init; }

    [Description("The CPU model of all VMs, as QEMU names it. Default: the best one that all hosts have when the fabric is made. A host without it can't join.")]
    [NotEmpty]
    public string? CpuModel { get; init; }

    [Description("The machine type of all VMs, such as `pc-q35-7.2`. Default: the newest one that all hosts have when the fabric is made. A host without it can't join.")]
    [NotEmpty]
    public string? MachineType { get; init; }
}
