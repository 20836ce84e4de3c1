using System.ComponentModel;

namespace Pulumi.Blanket.Provider;

internal sealed record NetworkInputs : IOnFabric
{
    [Description("The network's name, for people.")]
    [AutoName]
    [Label]
    public string? Name { get; init; }

    [Description("The fabric that it is on.")]
    [Secret]
    [FabricReference]
    public required FabricConnection Fabric { get; init; }

    [Description("Its addresses. They must not overlap with those of the hosts, of the mesh, or of another network that its VMs talk to.")]
    [Cidr]
    [Replaces]
    public required string Cidr { get; init; }

    [Description("The gateway's address, the same on every member. Default: the network's first address.")]
    [Ipv4Address]
    [Replaces]
    public string? Gateway { get; init; }

    [Description("The largest packet that VMs may send, in bytes. Default: what fits through the mesh.")]
    [Range(576, NetworkDefaults.MaxMtu)]
    public int? Mtu { get; init; }
}
