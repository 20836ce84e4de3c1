using System.Net;
using Pulumi.Blanket.Protocol.Values;

namespace Pulumi.Blanket.Provider.Resources.Network;

/// <summary>What of a network's inputs can be wrong beyond single values.</summary>
internal static class NetworkValidation
{
    /// <summary>The narrowest network that has a gateway and a VM, beside its first and last address.</summary>
    private const int LongestPrefix = 30;
    private const int ShortestPrefix = 8;

    public static void Check(CheckContext<NetworkInputs> check)
    {
        if (check.Knows(nameof(NetworkInputs.Expose)) && check.Inputs.Expose is { } exposed)
        {
            CheckPorts(check, exposed);
        }

        if (!check.Knows(nameof(NetworkInputs.Cidr)) || check.Inputs.Cidr is not { } cidr)
        {
            return;
        }

        var network = IPNetwork.Parse(cidr);
        if (network.PrefixLength is < ShortestPrefix or > LongestPrefix)
        {
            check.Fault(nameof(NetworkInputs.Cidr),
                $"cidr is '{cidr}'; its prefix must be from /{ShortestPrefix} to /{LongestPrefix}, which has room for the gateway and a VM");
        }
        else if (check.Knows(nameof(NetworkInputs.Gateway)) && check.Inputs.Gateway is { } gateway && !IsUsable(network, gateway))
        {
            check.Fault(nameof(NetworkInputs.Gateway),
                $"gateway is '{gateway}'; it must be an address inside {cidr} that is neither its first number nor its last, such as {NetworkDefaults.FirstAddress(cidr)}");
        }
    }

    private static void CheckPorts(CheckContext<NetworkInputs> check, IReadOnlyList<NetworkExposedPort> exposed)
    {
        HashSet<(string, int, NetworkProtocol)> taken = [];
        for (var index = 0; index < exposed.Count; index++)
        {
            var port = exposed[index];
            if (!taken.Add((port.Host, port.Port, port.Protocol)))
            {
                check.Fault(PropertyPath.Root.Property("expose").Item(index).Property("port"), $"expose[{index}].port is {port.Port}, which the same host forwards to another VM in this list; choose another");
            }
        }
    }

    private static bool IsUsable(IPNetwork network, string address)
    {
        var parsed = IPAddress.Parse(address);
        var number = Number(parsed);
        var first = Number(network.BaseAddress);
        return network.Contains(parsed) && number != first && number != first + ((1u << (32 - network.PrefixLength)) - 1);
    }

    private static uint Number(IPAddress address) => System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(address.GetAddressBytes());
}
