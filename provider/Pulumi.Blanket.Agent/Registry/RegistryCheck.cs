using System.Globalization;
using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using Pulumi.Blanket.Contract;

namespace Pulumi.Blanket.Agent.Registry;

/// <summary>Whether what is registered is what it has to be: names of devices and files are made of it, and rules of a packet filter.</summary>
internal static class RegistryCheck
{
    private const uint LastVni = (1 << 24) - 1;
    private const int LongestLabel = 63;
    private const int LongestDomain = 200; // with a machine's name before it, it has to fit into 253 (RFC 1035)

    public static void Check(FabricFacts facts, List<string> faults)
    {
        foreach (var network in facts.Networks.Where(network => !IsNetwork(network)))
        {
            faults.Add($"the network {network.Vni} has no number, addresses or MTU that a network can have");
        }

        foreach (var network in facts.Networks.Where(static network => network.Services is not null))
        {
            Check(network.Services, faults);
        }

        foreach (var image in facts.Images.Where(image => !ImageHash.IsOne(image.Sha256) || (image.Stored is { } stored && (!ImageHash.IsOne(stored.Sha256) || stored.Format is not ("qcow2" or "raw")))))
        {
            faults.Add($"the image {image.Name} has no SHA-256, or a format that none is kept in");
        }

        foreach (var machine in facts.Machines.Where(machine => !IsUuid(machine.Uuid) || !machine.Leases.All(IsLease)))
        {
            faults.Add($"the machine {machine.Name} has no UUID, or a lease without address or MAC");
        }

        foreach (var volume in facts.Volumes.Where(volume => !IsUuid(volume.Uuid)))
        {
            faults.Add($"the volume {volume.Name} has no UUID");
        }

        Distinct(facts.Networks, static network => network.Vni.ToString(CultureInfo.InvariantCulture), "networks", faults);
        Distinct(facts.Images, static image => image.Sha256, "images", faults);
        Distinct(facts.Machines, static machine => machine.Uuid, "machines", faults);
        Distinct(facts.Volumes, static volume => volume.Uuid, "volumes", faults);
    }

    /// <summary>They become lines of a name server's settings.</summary>
    public static void Check(NetworkServices services, List<string> faults)
    {
        if (services.Dns && !(services.Domain.Length <= LongestDomain && services.Domain.Split('.').All(IsLabel)))
        {
            faults.Add($"dns.domain is '{services.Domain}'; it must be a domain such as lan.internal");
        }

        faults.AddRange(services.NameServers.Where(static server => !IPAddress.TryParse(server, out var address) || address.AddressFamily != AddressFamily.InterNetwork || address.ToString() != server)
            .Select(static server => $"dns.servers has '{server}'; it must be an IPv4 address"));
        faults.AddRange(services.Exposed.Where(static port => port.Port is < 1 or > ushort.MaxValue || port.TargetPort is < 1 or > ushort.MaxValue)
            .Select(static port => $"expose has a port {port.Port} that leads to {port.TargetPort}; ports are from 1 to {ushort.MaxValue}"));
    }

    /// <summary>Part of a host name (RFC 1123), in small letters.</summary>
    public static bool IsLabel(string text)
        => text.Length is >= 1 and <= LongestLabel && text.All(static character => char.IsAsciiLetterLower(character) || char.IsAsciiDigit(character) || character == '-') && text[0] != '-' && text[^1] != '-';

    public static bool IsUuid(string text) => Guid.TryParseExact(text, "D", out var uuid) && uuid.ToString() == text;

    private static bool IsNetwork(NetworkFacts network)
        => network.Vni is >= 1 and <= LastVni && network.Mtu is >= NetworkChange.SmallestMtu and <= MeshMtu.Overlay
            && OverlayAddresses.TryParseNetwork(network.Cidr, out var cidr) && OverlayAddresses.CanBeHeld(cidr, network.Gateway);

    public static bool IsLease(Lease lease)
        => IPAddress.TryParse(lease.Address, out var address) && address.AddressFamily == AddressFamily.InterNetwork && address.ToString() == lease.Address
            && lease.Mac.Count(character => character == ':') == 5 && PhysicalAddress.TryParse(lease.Mac, out _);

    private static void Distinct<T>(IEnumerable<T> items, Func<T, string> of, string what, List<string> faults)
        => faults.AddRange(items.GroupBy(of).Where(static group => group.Skip(1).Any()).Select(group => $"two {what} are {group.Key}"));
}
