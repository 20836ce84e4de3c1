using Pulumi.Blanket.Contract;

namespace Pulumi.Blanket.Provider.Resources.Network;

/// <summary>What guests get in a network, as users write it and as agents know it. Agents are told members' names, and answer with their machine ids.</summary>
internal static class NetworkTranslation
{
    public static NetworkServices Services(NetworkInputs inputs)
    {
        NetworkServices services = new()
        {
            Dhcp = inputs.Dhcp,
            CloudMetadata = inputs.CloudMetadata,
            Dns = inputs.Dns?.Enabled ?? true,
            Domain = inputs.Dns?.Domain ?? DefaultDomain(inputs.Name),
            NameServers = { inputs.Dns?.Servers ?? [] },
        };
        (services.Egress, services.EgressMember) = inputs.Egress switch
        {
            null or NetworkDefaults.Nat => (Egress.Nat, ""),
            NetworkDefaults.NoEgress => (Egress.None, ""),
            var host => (Egress.Pinned, host),
        };
        services.Exposed.Add((inputs.Expose ?? []).Select(static port => new ExposedPort
        {
            Member = port.Host,
            Port = port.Port,
            Machine = port.Vm,
            TargetPort = port.TargetPort ?? port.Port,
            Protocol = port.Protocol == NetworkProtocol.Udp ? TransportProtocol.Udp : TransportProtocol.Tcp,
        }));
        return services;
    }

    /// <returns>The inputs with what the agents know; what was left to the network, and is as it would be, stays left to it.</returns>
    public static NetworkInputs Read(FabricFacts registry, NetworkFacts facts, NetworkInputs given)
    {
        var services = facts.Services ?? new NetworkServices();
        return given with
        {
            Dhcp = services.Dhcp,
            CloudMetadata = services.CloudMetadata,
            Dns = Dns(services, facts.Name, given.Dns),
            Egress = services.Egress switch
            {
                Egress.Nat => NetworkDefaults.Nat,
                Egress.Pinned => NameOf(registry, services.EgressMember),
                _ => NetworkDefaults.NoEgress,
            },
            Expose = services.Exposed.Count == 0 ? given.Expose is { Count: 0 } empty ? empty : null : [.. services.Exposed.Select((port, index) => Exposed(registry, port, given.Expose?.ElementAtOrDefault(index)))],
        };
    }

    private static NetworkDns? Dns(NetworkServices services, string name, NetworkDns? given)
    {
        NetworkDns dns = new()
        {
            Enabled = services.Dns,
            Domain = given?.Domain is null && services.Domain == DefaultDomain(name) ? null : services.Domain,
            Servers = services.NameServers.Count == 0 && given?.Servers is not { Count: 0 } ? null : [.. services.NameServers],
        };
        return given is null && dns is { Enabled: true, Domain: null, Servers: null } ? null : dns;
    }

    private static NetworkExposedPort Exposed(FabricFacts registry, ExposedPort port, NetworkExposedPort? given) => new()
    {
        Host = NameOf(registry, port.Member),
        Port = port.Port,
        Vm = port.Machine,
        TargetPort = port.TargetPort == port.Port && given?.TargetPort is null ? null : port.TargetPort,
        Protocol = port.Protocol == TransportProtocol.Udp ? NetworkProtocol.Udp : NetworkProtocol.Tcp,
    };

    private static string DefaultDomain(string? name) => $"{name}.internal";

    /// <summary>The machine id itself for one that is no member any more, which no program says: so it is a difference, and the next update puts it right.</summary>
    private static string NameOf(FabricFacts registry, string machineId) => registry.Members.FirstOrDefault(member => member.MachineId == machineId)?.Settings.Name
        ?? registry.FormerMembers.FirstOrDefault(member => member.MachineId == machineId)?.Name ?? machineId;
}
