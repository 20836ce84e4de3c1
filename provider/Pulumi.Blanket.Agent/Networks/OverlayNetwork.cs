using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using Pulumi.Blanket.Contract;

namespace Pulumi.Blanket.Agent.Networks;

/// <summary>What a network is called on a member, and what follows from its number: the same on all members.</summary>
internal static class OverlayNetwork
{
    /// <summary>UDP, inside the mesh. Not VXLAN's own 4789, so that networks of the host's owner are left alone.</summary>
    public const int Port = 14789;

    /// <summary>What the names of all guests' ports begin with, and no others'.</summary>
    public const string CardPrefix = "bkt";

    /// <summary>In a gateway's namespace: towards guests, as their gateway, with its address and MAC.</summary>
    public const string Inside = "lan";

    /// <summary>In a gateway's namespace: towards guests and the other members' gateways, as this member alone.</summary>
    public const string Among = "peer";

    /// <summary>In a gateway's namespace: towards the host, and beyond it.</summary>
    public const string Outside = "out";

    /// <summary>Of all members' ends of <see cref="Outside"/>. Class E (RFC 1112) is nobody's, so nobody's networks can be in its way; it is never seen beyond the host.</summary>
    public const string HostAddress = "241.0.0.1";

    /// <summary>Of most clouds' metadata services: AWS, Azure, Google, and others after them.</summary>
    public const string CloudMetadata = "169.254.169.254";

    /// <summary>All gateways' addresses towards their hosts are in it: one for each number that a network can have.</summary>
    public const string GatewayAddresses = "240.0.0.0/8";

    private const int CardCharacters = 12;

    public static string Bridge(uint vni) => Name("bk", vni);

    public static string Tunnel(uint vni) => Name("vx", vni);

    /// <summary>The bridge's port to <see cref="Inside"/>.</summary>
    public static string InsidePort(uint vni) => Name("bg", vni);

    /// <summary>The bridge's port to <see cref="Among"/>.</summary>
    public static string AmongPort(uint vni) => Name("bp", vni);

    /// <summary>The host's end of <see cref="Outside"/>.</summary>
    public static string Uplink(uint vni) => Name("bu", vni);

    /// <summary>The network namespace that its gateway is in.</summary>
    public static string Gateway(uint vni) => Name("blanket-", vni);

    /// <summary>The bridge's port to a guest's card: the same on every member, so that the rules for it are there before the guest is.</summary>
    public static string Card(Lease lease)
    {
        var hash = SHA256.HashData(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{lease.Vni}/{lease.Mac.ToLowerInvariant()}")));
        return CardPrefix + Convert.ToHexStringLower(hash)[..CardCharacters];
    }

    /// <summary>The gateway's MAC: locally administered, with the network's number in it.</summary>
    public static string GatewayMac(uint vni) => Mac(0x6b, vni);

    /// <summary>The bridge's own MAC, to which nobody sends. Not the gateway's, whose frames it would keep.</summary>
    public static string BridgeMac(uint vni) => Mac(0x6a, vni);

    /// <summary>The MAC of a member's own place in a network: locally administered, with the end of its mesh address in it.</summary>
    public static string MemberMac(string meshAddress)
    {
        var bytes = IPAddress.Parse(meshAddress).GetAddressBytes();
        return $"02:62:6e:{bytes[1]:x2}:{bytes[2]:x2}:{bytes[3]:x2}";
    }

    /// <summary>The gateway's address towards its host, out of <see cref="GatewayAddresses"/>.</summary>
    public static string OutsideAddress(uint vni) => string.Create(CultureInfo.InvariantCulture, $"240.{(vni >> 16) & 0xff}.{(vni >> 8) & 0xff}.{vni & 0xff}");

    public static int PrefixLength(NetworkFacts network) => IPNetwork.Parse(network.Cidr).PrefixLength;

    private static string Mac(int kind, uint vni) => $"02:62:{kind:x2}:{(vni >> 16) & 0xff:x2}:{(vni >> 8) & 0xff:x2}:{vni & 0xff:x2}";

    private static string Name(string prefix, uint vni) => string.Create(CultureInfo.InvariantCulture, $"{prefix}{vni}");
}
