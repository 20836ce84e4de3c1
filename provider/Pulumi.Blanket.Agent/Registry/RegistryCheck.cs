using System.Globalization;
using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using Pulumi.Blanket.Agent.Images;
using Pulumi.Blanket.Agent.Networks;
using Pulumi.Blanket.Contract;

namespace Pulumi.Blanket.Agent.Registry;

/// <summary>Whether what is registered is what it has to be: names of devices and files are made of it, and rules of a packet filter.</summary>
internal static class RegistryCheck
{
    private const uint LastVni = (1 << 24) - 1;

    public static void Check(FabricFacts facts, List<string> faults)
    {
        foreach (var network in facts.Networks.Where(network => !IsNetwork(network)))
        {
            faults.Add($"the network {network.Vni} has no number, addresses or MTU that a network can have");
        }

        foreach (var image in facts.Images.Where(image => !ImageStore.IsHash(image.Sha256) || (image.Stored is { } stored && (!ImageStore.IsHash(stored.Sha256) || stored.Format is not ("qcow2" or "raw")))))
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

    public static bool IsUuid(string text) => Guid.TryParseExact(text, "D", out var uuid) && uuid.ToString() == text;

    private static bool IsNetwork(NetworkFacts network)
        => network.Vni is >= 1 and <= LastVni && network.Mtu is >= NetworkChange.SmallestMtu and <= OverlayNetwork.LargestMtu
            && OverlayAddresses.TryParseNetwork(network.Cidr, out var cidr) && OverlayAddresses.CanBeHeld(cidr, network.Gateway);

    public static bool IsLease(Lease lease)
        => IPAddress.TryParse(lease.Address, out var address) && address.AddressFamily == AddressFamily.InterNetwork && address.ToString() == lease.Address
            && lease.Mac.Count(character => character == ':') == 5 && PhysicalAddress.TryParse(lease.Mac, out _);

    private static void Distinct<T>(IEnumerable<T> items, Func<T, string> of, string what, List<string> faults)
        => faults.AddRange(items.GroupBy(of).Where(static group => group.Skip(1).Any()).Select(group => $"two {what} are {group.Key}"));
}
