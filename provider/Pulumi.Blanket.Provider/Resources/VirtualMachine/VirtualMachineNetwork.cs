using System.ComponentModel;
using Pulumi.Blanket.Provider.Definitions.Rules;
using Pulumi.Blanket.Provider.Resources.OnFabric;

namespace Pulumi.Blanket.Provider.Resources.VirtualMachine;

[Description("A network card of a VM. It keeps its addresses wherever the VM is.")]
internal sealed record VirtualMachineNetwork
{
    [Description("The id of the network that it is on.")]
    [FabricItem("Network", FabricItemAttribute.Network)]
    public required string Network { get; init; }

    [Description("Its address. Default: the network's lowest free one.")]
    [Ipv4Address]
    public string? Address { get; init; }

    [Description("Its MAC address. Default: one that is made from the VM's id and the card's place.")]
    [Pattern("[0-9a-fA-F][02468aceACE](:[0-9a-fA-F]{2}){5}", "a MAC address of one card, such as 52:54:00:12:34:56")]
    public string? Mac { get; init; }
}
