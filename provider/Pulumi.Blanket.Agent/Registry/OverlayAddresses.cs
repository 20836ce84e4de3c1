using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;

namespace Pulumi.Blanket.Agent.Registry;

/// <summary>Addresses of a network: IPv4, as numbers where they are counted.</summary>
internal static class OverlayAddresses
{
    /// <summary>Networks smaller than this have no room for a gateway and a machine.</summary>
    private const int LongestPrefix = 30;

    /// <exception cref="AgentException">It is no IPv4 network of 8 to 30 bits, or has bits set beyond them.</exception>
    public static IPNetwork ParseNetwork(string cidr)
        => TryParseNetwork(cidr, out var network)
            ? network
            : throw new AgentException(AgentFault.BadRequest, $"cidr is '{cidr}'; it must be an IPv4 network such as 10.20.0.0/24, of 8 to {LongestPrefix} bits");

    public static bool TryParseNetwork(string cidr, out IPNetwork network)
        => IPNetwork.TryParse(cidr, out network) && network.BaseAddress.AddressFamily == AddressFamily.InterNetwork && network.PrefixLength is >= 8 and <= LongestPrefix && network.ToString() == cidr;

    /// <summary>The first address of a network: its gateway where none is named.</summary>
    public static string First(IPNetwork network) => ToText(ToNumber(network.BaseAddress) + 1);

    /// <summary>True for an address that a machine, or the gateway, can have: neither the network's own nor its broadcast address.</summary>
    public static bool CanBeHeld(IPNetwork network, string address)
        => IPAddress.TryParse(address, out var parsed) && parsed.AddressFamily == AddressFamily.InterNetwork && parsed.ToString() == address && network.Contains(parsed)
            && ToNumber(parsed) is var number && number != ToNumber(network.BaseAddress) && number != Last(network);

    /// <summary>The lowest address that is not taken; null where all are.</summary>
    public static string? LowestFree(IPNetwork network, IReadOnlySet<string> taken)
    {
        for (var number = ToNumber(network.BaseAddress) + 1; number < Last(network); number++)
        {
            if (ToText(number) is var address && !taken.Contains(address))
            {
                return address;
            }
        }

        return null;
    }

    public static bool Overlap(IPNetwork one, IPNetwork other) => one.Contains(other.BaseAddress) || other.Contains(one.BaseAddress);

    /// <summary>A card's MAC where none is named: QEMU's prefix, and three bytes made from the machine and the card's place, so that it is always the same.</summary>
    public static string MakeMac(string uuid, int place, int attempt)
    {
        var hash = SHA256.HashData(System.Text.Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{uuid}/{place}/{attempt}")));
        return $"52:54:00:{hash[0]:x2}:{hash[1]:x2}:{hash[2]:x2}";
    }

    private static uint Last(IPNetwork network) => ToNumber(network.BaseAddress) + (uint)((1L << (32 - network.PrefixLength)) - 1);

    private static uint ToNumber(IPAddress address)
    {
        var bytes = address.GetAddressBytes();
        return ((uint)bytes[0] << 24) | ((uint)bytes[1] << 16) | ((uint)bytes[2] << 8) | bytes[3];
    }

    private static string ToText(uint number) => new IPAddress([(byte)(number >> 24), (byte)(number >> 16), (byte)(number >> 8), (byte)number]).ToString();
}
