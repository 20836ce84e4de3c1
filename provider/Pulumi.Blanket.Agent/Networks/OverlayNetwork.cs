using System.Globalization;
using Pulumi.Blanket.Agent.Fabrics;
using Pulumi.Blanket.Contract;

namespace Pulumi.Blanket.Agent.Networks;

/// <summary>What a network is called on a member, and what follows from its number: the same on all members.</summary>
internal static class OverlayNetwork
{
    /// <summary>VXLAN's 50 bytes over IPv4 (RFC 7348) off the mesh's MTU.</summary>
    public const int LargestMtu = Mesh.Mtu - 50;

    /// <summary>UDP, inside the mesh. Not VXLAN's own 4789, so that networks of the host's owner are left alone.</summary>
    public const int Port = 14789;

    public static string Bridge(uint vni) => string.Create(CultureInfo.InvariantCulture, $"bk{vni}");

    public static string Tunnel(uint vni) => string.Create(CultureInfo.InvariantCulture, $"vx{vni}");

    /// <summary>The gateway's MAC: locally administered, with the network's number in it.</summary>
    public static string GatewayMac(uint vni) => $"02:62:6b:{(vni >> 16) & 0xff:x2}:{(vni >> 8) & 0xff:x2}:{vni & 0xff:x2}";

    public static int PrefixLength(NetworkFacts network) => System.Net.IPNetwork.Parse(network.Cidr).PrefixLength;
}
