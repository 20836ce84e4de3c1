using System.ComponentModel;
using Pulumi.Blanket.Provider.Definitions;
using Pulumi.Blanket.Provider.Definitions.Rules;
using Pulumi.Blanket.Provider.Resources.Fabric;
using Pulumi.Blanket.Provider.Resources.OnFabric;

namespace Pulumi.Blanket.Provider.Resources.Network;

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

    [Description("Whether guests that ask for an address by DHCP get theirs.")]
    [DefaultValue(true)]
    public bool Dhcp { get; init; }

    [Description("Names: the gateway knows the VMs' names, and asks others for all other names. Default: it does.")]
    public NetworkDns? Dns { get; init; }

    [Description("How VMs reach the outside: `nat`, by the host that they are on, with its address, so that connections to the outside break when a VM moves; the name of a host, by which they go wherever the VM is, so that they survive; or `none`.")]
    [DefaultValue(NetworkDefaults.Nat)]
    [Label]
    public string? Egress { get; init; }

    [Description("Whether VMs reach the metadata service of the cloud that their host is in (169.254.169.254, TCP port 80), whatever `egress` is. It gives out that host's credentials, and after a move those of another.")]
    [DefaultValue(false)]
    public bool CloudMetadata { get; init; }

    [Description("Ports of hosts that lead to VMs in the network.")]
    [Items(0, 256)]
    public IReadOnlyList<NetworkExposedPort>? Expose { get; init; }

    [Description("The largest packet that VMs may send, in bytes. Default: what fits through the mesh.")]
    [Range(576, NetworkDefaults.MaxMtu)]
    public int? Mtu { get; init; }
}
