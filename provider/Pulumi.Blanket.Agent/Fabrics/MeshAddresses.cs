using System.Net;
using System.Net.Sockets;

namespace Pulumi.Blanket.Agent.Fabrics;

/// <summary>Addresses of members in their mesh.</summary>
internal static class MeshAddresses
{
    /// <returns>The lowest address of the network that is not used; its first and last are never given.</returns>
    /// <exception cref="AgentException">The network is full, or no network.</exception>
    public static string LowestFree(string cidr, IEnumerable<string> used)
    {
        if (!TryParseNetwork(cidr, out var network))
        {
            throw new AgentException(AgentFault.BadRequest, $"meshCidr is '{cidr}', no IPv4 network such as 10.213.0.0/16");
        }

        var taken = used.ToHashSet(StringComparer.Ordinal);
        var first = ToNumber(network.BaseAddress);
        var count = 1L << (32 - network.PrefixLength);
        for (var offset = 1L; offset < count - 1; offset++)
        {
            var address = ToAddress(first + (uint)offset).ToString();
            if (!taken.Contains(address))
            {
                return address;
            }
        }

        throw new AgentException(AgentFault.NotPossible, $"meshCidr {cidr} has no free address for another member; a fabric's mesh can't be widened, so make a new fabric with a wider one");
    }

    public static bool TryParseNetwork(string? cidr, out IPNetwork network)
        => IPNetwork.TryParse(cidr, out network) && network.BaseAddress.AddressFamily == AddressFamily.InterNetwork;

    private static uint ToNumber(IPAddress address)
    {
        var bytes = address.GetAddressBytes();
        return ((uint)bytes[0] << 24) | ((uint)bytes[1] << 16) | ((uint)bytes[2] << 8) | bytes[3];
    }

    private static IPAddress ToAddress(uint number) => new([(byte)(number >> 24), (byte)(number >> 16), (byte)(number >> 8), (byte)number]);
}
