using System.Globalization;
using Pulumi.Blanket.Agent.Machine;
using Pulumi.Blanket.Contract;

namespace Pulumi.Blanket.Agent.Networks;

/// <summary>
/// This member's part of the fabric's networks: a bridge for each, joined to those of the other members by VXLAN over the mesh, one
/// head-end entry per member, and its gateway (<see cref="NetworkGateway"/>).
/// </summary>
internal static class OverlayNetworks
{
    /// <summary>Says whose a device is.</summary>
    private const string AliasPrefix = "blanket ";

    private const string DevicesFolder = "/sys/class/net";

    public static async Task ApplyAsync(FabricFacts facts, CancellationToken cancellationToken)
    {
        var wanted = facts.Networks.ToDictionary(network => OverlayNetwork.Bridge(network.Vni));
        var own = Own();
        await RemoveAsync(own.Where(device => !wanted.ContainsKey(device) && wanted.Values.All(network => !Devices(network).Contains(device))), cancellationToken);
        await NetworkGateway.RemoveOthersAsync(facts.Networks, cancellationToken);
        if (wanted.Count == 0)
        {
            await RemoveRestAsync(cancellationToken);
            return;
        }

        var me = facts.Members.Single(member => member.MachineId == MachineFacts.MachineId);
        var alias = AliasPrefix + facts.FabricId;
        await NetworkRules.ApplyAsync(facts, me, cancellationToken);
        foreach (var network in facts.Networks)
        {
            RefuseForeign(network, own);
            await IpCommands.RunAsync(LinkCommands(network, me.MeshAddress, alias), cancellationToken);
            await NetworkGateway.ApplyAsync(facts, network, me, alias, cancellationToken);
        }

        await BridgeAsync(await EntryCommandsAsync(facts, me, cancellationToken), cancellationToken);
        Forwarding.Set(IsForwarding(facts, me));
    }

    /// <summary>As far as files tell; the rest the kernel tells (<see cref="NetworkWatch"/>).</summary>
    public static bool IsIntact(FabricFacts facts, Member me)
    {
        var own = Own();
        return facts.Networks.SelectMany(Devices).All(own.Contains)
            && own.Count == facts.Networks.Sum(network => Devices(network).Length)
            && facts.Networks.All(network => NetworkNamespace.Exists(OverlayNetwork.Gateway(network.Vni)) && NameServer.IsIntact(facts, network, me));
    }

    /// <summary>What follows from the guests' addresses alone, which change with every machine.</summary>
    public static async Task ApplyLeasesAsync(FabricFacts facts, CancellationToken cancellationToken)
    {
        var me = facts.Members.Single(member => member.MachineId == MachineFacts.MachineId);
        if (facts.Networks.Count > 0)
        {
            await NetworkRules.ApplyAsync(facts, me, cancellationToken);
        }

        foreach (var network in facts.Networks)
        {
            await NetworkGateway.ApplyLeasesAsync(facts, network, me, cancellationToken);
        }

        Forwarding.Set(IsForwarding(facts, me));
    }

    public static async Task RemoveAllAsync(CancellationToken cancellationToken)
    {
        await RemoveAsync(Own(), cancellationToken);
        await NetworkGateway.RemoveOthersAsync([], cancellationToken);
        await RemoveRestAsync(cancellationToken);
    }

    private static bool IsForwarding(FabricFacts facts, Member me)
        => facts.Networks.Any(network => EgressPlan.Of(facts, network, me).LeavesHere || network.Services is { CloudMetadata: true } || EgressPlan.Exposed(facts, network, me).Any());

    private static async Task RemoveRestAsync(CancellationToken cancellationToken)
    {
        await NetworkRules.RemoveAsync(cancellationToken);
        await NameServer.RemoveAsync(cancellationToken);
        Forwarding.Set(false);
    }

    private static Task RemoveAsync(IEnumerable<string> devices, CancellationToken cancellationToken)
        => IpCommands.RunAsync([.. devices.Where(Exists).Select(device => $"link delete {device}")], cancellationToken);

    private static string[] Devices(NetworkFacts network) =>
    [
        OverlayNetwork.Bridge(network.Vni), OverlayNetwork.Tunnel(network.Vni), OverlayNetwork.InsidePort(network.Vni), OverlayNetwork.AmongPort(network.Vni), OverlayNetwork.Uplink(network.Vni),
    ];

    private static List<string> LinkCommands(NetworkFacts network, string meshAddress, string alias)
    {
        var (bridge, tunnel) = (OverlayNetwork.Bridge(network.Vni), OverlayNetwork.Tunnel(network.Vni));
        List<string> commands = [];
        if (!Exists(bridge))
        {
            // Nobody has to be waited for before frames go through: there is no loop that a spanning tree would find.
            commands.Add($"link add {bridge} address {OverlayNetwork.BridgeMac(network.Vni)} type bridge forward_delay 0 mcast_snooping 0");
            commands.Add($"link set {bridge} addrgenmode none");
            commands.Add($"link set {bridge} alias \"{alias}\"");
        }

        if (!Exists(tunnel))
        {
            commands.Add(string.Create(CultureInfo.InvariantCulture, $"link add {tunnel} type vxlan id {network.Vni} dstport {OverlayNetwork.Port} local {meshAddress} dev {MeshInterface.Name}"));
            commands.Add($"link set {tunnel} alias \"{alias}\"");
        }

        commands.Add(string.Create(CultureInfo.InvariantCulture, $"link set {tunnel} mtu {network.Mtu} master {bridge} up"));
        // The host itself is not in the network: it has no address there, and answers nothing.
        commands.Add(string.Create(CultureInfo.InvariantCulture, $"link set {bridge} mtu {network.Mtu} arp off up"));
        return commands;
    }

    /// <summary>To whom frames go whose receiver is not known: every other member.</summary>
    private static async Task<List<string>> EntryCommandsAsync(FabricFacts facts, Member me, CancellationToken cancellationToken)
    {
        var peers = facts.Members.Where(member => member.MachineId != me.MachineId).Select(member => member.MeshAddress).ToHashSet(StringComparer.Ordinal);
        var shown = (await Command.RunOrThrowAsync("bridge", ["fdb", "show"], cancellationToken: cancellationToken)).Split('\n');
        List<string> commands = [];
        foreach (var tunnel in facts.Networks.Select(network => OverlayNetwork.Tunnel(network.Vni)))
        {
            // 00:00:00:00:00:00 dev vx1 dst 10.213.0.2 self permanent
            var present = shown.Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
                .Where(words => words is ["00:00:00:00:00:00", "dev", _, "dst", ..] && words[2] == tunnel).Select(words => words[4]).ToHashSet(StringComparer.Ordinal);
            commands.AddRange(peers.Except(present).Select(peer => $"fdb append 00:00:00:00:00:00 dev {tunnel} dst {peer}"));
            commands.AddRange(present.Except(peers).Select(gone => $"fdb delete 00:00:00:00:00:00 dev {tunnel} dst {gone}"));
        }

        return commands;
    }

    private static void RefuseForeign(NetworkFacts network, List<string> own)
    {
        foreach (var device in Devices(network))
        {
            if (Exists(device) && !own.Contains(device))
            {
                throw new AgentException(AgentFault.NotPossible, $"the host has a network device '{device}' that is not ours, where the network {network.Name} has to be; rename or remove it");
            }
        }
    }

    private static bool Exists(string device) => Directory.Exists($"{DevicesFolder}/{device}");

    private static List<string> Own() => [.. Directory.EnumerateFileSystemEntries(DevicesFolder).Select(path => Path.GetFileName(path)!).Where(IsOwn)];

    private static bool IsOwn(string device)
    {
        try
        {
            return device is ['b', 'k' or 'g' or 'p' or 'u', ..] or ['v', 'x', ..] && File.ReadAllText($"{DevicesFolder}/{device}/ifalias").StartsWith(AliasPrefix, StringComparison.Ordinal);
        }
        catch (IOException)
        {
            return false; // it went away
        }
    }

    private static async Task BridgeAsync(List<string> commands, CancellationToken cancellationToken)
    {
        if (commands.Count > 0)
        {
            await Command.RunOrThrowAsync("bridge", ["-batch", "-"], input: string.Join('\n', commands) + "\n", cancellationToken: cancellationToken);
        }
    }
}
