using Pulumi.Blanket.Contract;

namespace Pulumi.Blanket.Agent.Registry;

/// <summary>What changes of networks make of a fabric's facts. Pure; the facts that are given are changed and returned.</summary>
internal static class NetworkChange
{
    /// <summary>As large as VXLAN's network identifiers are (RFC 7348).</summary>
    private const uint LastVni = (1 << 24) - 1;

    /// <summary>What every IPv4 host has to take (RFC 791).</summary>
    public const int SmallestMtu = 576;

    public static NetworkFacts Put(FabricFacts facts, PutNetworkRequest request)
    {
        var known = request.Vni != 0
            ? Find(facts, request.Vni)
            : facts.Networks.FirstOrDefault(network => network.Urn == request.Urn && !request.NamedIds.Contains(IdOf(facts, network)));
        if (known is not null && (request.Cidr, Gateway(request)) != (known.Cidr, known.Gateway))
        {
            throw new AgentException(AgentFault.BadRequest, $"the network {known.Name} was made with cidr {known.Cidr} and gateway {known.Gateway}, which can't change while it lives");
        }

        var made = new NetworkFacts
        {
            Vni = known?.Vni ?? LowestFreeVni(facts),
            Name = request.Name,
            Urn = request.Urn,
            Cidr = request.Cidr,
            Gateway = Gateway(request),
            Mtu = Mtu(request.Mtu),
            Services = Services(facts, request, known?.Vni ?? 0),
        };
        CheckMesh(facts, made);
        if (known is null)
        {
            facts.Networks.Add(made);
        }
        else
        {
            facts.Networks[facts.Networks.IndexOf(known)] = made;
        }

        return made;
    }

    /// <returns>False where there was no such network.</returns>
    public static bool Drop(FabricFacts facts, uint vni)
    {
        var users = facts.Machines.Where(machine => machine.Leases.Any(lease => lease.Vni == vni)).Select(machine => machine.Name).ToList();
        if (users.Count > 0)
        {
            throw new AgentException(AgentFault.NotPossible, $"virtual machines have addresses in the network: {string.Join(", ", users)}; take it out of their `networks`, or delete them, first");
        }

        return facts.Networks.FirstOrDefault(network => network.Vni == vni) is { } known && facts.Networks.Remove(known);
    }

    public static NetworkFacts Find(FabricFacts facts, uint vni)
        => facts.Networks.FirstOrDefault(network => network.Vni == vni)
            ?? throw new AgentException(AgentFault.NotPossible, $"the fabric {facts.Settings.Name} has no network {facts.FabricId}/{vni}; it may have been deleted: run `pulumi refresh`");

    public static string IdOf(FabricFacts facts, NetworkFacts network) => $"{facts.FabricId}/{network.Vni}";

    private static string Gateway(PutNetworkRequest request)
    {
        var network = OverlayAddresses.ParseNetwork(request.Cidr);
        var gateway = request.Gateway.Length > 0 ? request.Gateway : OverlayAddresses.First(network);
        return OverlayAddresses.CanBeHeld(network, gateway)
            ? gateway
            : throw new AgentException(AgentFault.BadRequest, $"gateway is '{gateway}'; it must be an address inside {request.Cidr} that is neither the first nor the last of it");
    }

    /// <summary>With members' machine ids in the place of their names, which the caller knows.</summary>
    private static NetworkServices Services(FabricFacts facts, PutNetworkRequest request, uint vni)
    {
        var services = request.Services?.Clone() ?? new NetworkServices();
        if (services.Egress == Egress.Pinned)
        {
            services.EgressMember = MemberNamed(facts, services.EgressMember, "egress").MachineId;
        }

        for (var index = 0; index < services.Exposed.Count; index++)
        {
            var port = services.Exposed[index];
            var member = MemberNamed(facts, port.Member, $"expose[{index}].host");
            if (port.Protocol == TransportProtocol.Tcp ? port.Port == member.Settings.Port : port.Port == facts.Settings.MeshPort)
            {
                throw new AgentException(AgentFault.BadRequest, $"expose[{index}].port is {port.Port}, by which {member.Settings.Name} itself is reached; choose another");
            }

            port.Member = member.MachineId;
            if (services.Exposed.Take(index).Any(other => IsSame(other, port))
                || facts.Networks.Any(network => network.Vni != vni && network.Services?.Exposed.Any(other => IsSame(other, port)) == true))
            {
                throw new AgentException(AgentFault.NotPossible, $"expose[{index}].port is {port.Port}, which {member.Settings.Name} forwards to another machine already; choose another");
            }
        }

        List<string> faults = [];
        RegistryCheck.Check(services, faults);
        return faults.Count == 0 ? services : throw new AgentException(AgentFault.BadRequest, faults[0]);
    }

    private static bool IsSame(ExposedPort one, ExposedPort other) => (one.Member, one.Port, one.Protocol) == (other.Member, other.Port, other.Protocol);

    private static Member MemberNamed(FabricFacts facts, string name, string property)
        => facts.Members.FirstOrDefault(member => member.Settings.Name == name)
            ?? throw new AgentException(AgentFault.NotPossible, $"{property} is '{name}', which is no member of the fabric {facts.Settings.Name}; it has {string.Join(", ", facts.Members.Select(member => member.Settings.Name).Order(StringComparer.Ordinal))}");

    private static int Mtu(int wanted) => wanted switch
    {
        0 => MeshMtu.Overlay,
        >= SmallestMtu and <= MeshMtu.Overlay => wanted,
        _ => throw new AgentException(AgentFault.BadRequest, $"mtu is {wanted}; it must be from {SmallestMtu} to {MeshMtu.Overlay}, which is what fits through the mesh"),
    };

    // A network that covers mesh addresses would take the members' traffic away from the mesh.
    private static void CheckMesh(FabricFacts facts, NetworkFacts network)
    {
        if (OverlayAddresses.Overlap(OverlayAddresses.ParseNetwork(network.Cidr), System.Net.IPNetwork.Parse(facts.Settings.MeshCidr)))
        {
            throw new AgentException(AgentFault.BadRequest, $"cidr is '{network.Cidr}', which overlaps with the fabric's mesh, {facts.Settings.MeshCidr}; choose another");
        }
    }

    private static uint LowestFreeVni(FabricFacts facts)
    {
        var taken = facts.Networks.Select(network => network.Vni).ToHashSet();
        for (var vni = 1u; vni <= LastVni; vni++)
        {
            if (!taken.Contains(vni))
            {
                return vni;
            }
        }

        throw new AgentException(AgentFault.NotPossible, "the fabric has no free network identifier");
    }
}
