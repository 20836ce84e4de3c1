using System.Net;

namespace Pulumi.Blanket.Provider.Resources.Network;

/// <summary>What a network is where its inputs leave it open.</summary>
internal static class NetworkDefaults
{
    /// <summary>Egress by the host where a VM is.</summary>
    public const string Nat = "nat";

    /// <summary>No egress.</summary>
    public const string NoEgress = "none";

    /// <summary>What fits through the mesh: WireGuard's 1380 bytes less the 50 of Ethernet in VXLAN.</summary>
    public const int MaxMtu = 1330;

    /// <summary>The first address of a network.</summary>
    public static string FirstAddress(string cidr)
    {
        var bytes = IPNetwork.Parse(cidr).BaseAddress.GetAddressBytes();
        bytes[3] |= 1; // the base address of any network that has room ends with a zero bit
        return new IPAddress(bytes).ToString();
    }
}
