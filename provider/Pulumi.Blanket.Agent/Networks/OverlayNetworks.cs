using System.Globalization;
using System.Text;
using Pulumi.Blanket.Agent.Fabrics;
using Pulumi.Blanket.Agent.Hosts;
using Pulumi.Blanket.Agent.Machine;
using Pulumi.Blanket.Contract;

namespace Pulumi.Blanket.Agent.Networks;

/// <summary>
/// This member's part of the fabric's networks: a bridge for each, joined to those of the other members by VXLAN over the mesh, one
/// head-end entry per member. The gateway has the same address and MAC everywhere, and no frame of its leaves the member.
/// </summary>
internal static class OverlayNetworks
{
    /// <summary>Says whose a device is.</summary>
    private const string AliasPrefix = "blanket ";

    private const string Devices = "/sys/class/net";

    public static async Task ApplyAsync(FabricFacts facts, CancellationToken cancellationToken)
    {
        var wanted = facts.Networks.ToDictionary(network => OverlayNetwork.Bridge(network.Vni));
        var own = Own();
        await RemoveAsync(own.Where(device => !wanted.ContainsKey(device) && wanted.Values.All(network => OverlayNetwork.Tunnel(network.Vni) != device)), cancellationToken);
        if (wanted.Count == 0)
        {
            await GatewayFilter.RemoveAsync(cancellationToken);
            return;
        }

        var me = facts.Members.Single(member => member.MachineId == MachineFacts.MachineId);
        var alias = AliasPrefix + facts.FabricId;
        await GatewayFilter.ApplyAsync(facts.Networks, cancellationToken);
        foreach (var network in facts.Networks)
        {
            RefuseForeign(network, own);
            await BatchAsync("ip", LinkCommands(network, me.MeshAddress, alias), cancellationToken);
        }

        await BatchAsync("bridge", await EntryCommandsAsync(facts, me, cancellationToken), cancellationToken);
    }

    public static async Task RemoveAllAsync(CancellationToken cancellationToken)
    {
        if (Own() is { Count: > 0 } own)
        {
            await RemoveAsync(own, cancellationToken);
        }

        await GatewayFilter.RemoveAsync(cancellationToken);
    }

    private static Task RemoveAsync(IEnumerable<string> devices, CancellationToken cancellationToken)
        => BatchAsync("ip", [.. devices.Select(device => $"link delete {device}")], cancellationToken);

    private static List<string> LinkCommands(NetworkFacts network, string meshAddress, string alias)
    {
        var (bridge, tunnel) = (OverlayNetwork.Bridge(network.Vni), OverlayNetwork.Tunnel(network.Vni));
        List<string> commands = [];
        if (!Exists(bridge))
        {
            // Nobody has to be waited for before frames go through: there is no loop that a spanning tree would find.
            commands.Add($"link add {bridge} address {OverlayNetwork.GatewayMac(network.Vni)} type bridge forward_delay 0 mcast_snooping 0");
            commands.Add($"link set {bridge} alias \"{alias}\"");
        }

        if (!Exists(tunnel))
        {
            commands.Add(string.Create(CultureInfo.InvariantCulture, $"link add {tunnel} type vxlan id {network.Vni} dstport {OverlayNetwork.Port} local {meshAddress} dev {Mesh.Interface}"));
            commands.Add($"link set {tunnel} alias \"{alias}\"");
        }

        commands.Add(string.Create(CultureInfo.InvariantCulture, $"link set {tunnel} mtu {network.Mtu} master {bridge} up"));
        commands.Add(string.Create(CultureInfo.InvariantCulture, $"link set {bridge} mtu {network.Mtu} up"));
        commands.Add(string.Create(CultureInfo.InvariantCulture, $"address replace {network.Gateway}/{OverlayNetwork.PrefixLength(network)} dev {bridge}"));
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
        foreach (var device in new[] { OverlayNetwork.Bridge(network.Vni), OverlayNetwork.Tunnel(network.Vni) })
        {
            if (Exists(device) && !own.Contains(device))
            {
                throw new AgentException(AgentFault.NotPossible, $"the host has a network device '{device}' that is not ours, where the network {network.Name} has to be; rename or remove it");
            }
        }
    }

    private static bool Exists(string device) => Directory.Exists($"{Devices}/{device}");

    private static List<string> Own() => [.. Directory.EnumerateFileSystemEntries(Devices).Select(path => Path.GetFileName(path)!).Where(IsOwn)];

    private static bool IsOwn(string device)
    {
        try
        {
            return device is ['b', 'k', ..] or ['v', 'x', ..] && File.ReadAllText($"{Devices}/{device}/ifalias").StartsWith(AliasPrefix, StringComparison.Ordinal);
        }
        catch (IOException)
        {
            return false; // it went away
        }
    }

    // One process for all: each takes longer than what it does.
    private static async Task BatchAsync(string program, List<string> commands, CancellationToken cancellationToken)
    {
        if (commands.Count > 0)
        {
            await Command.RunOrThrowAsync(program, ["-batch", "-"], input: new StringBuilder().AppendJoin('\n', commands).Append('\n').ToString(), cancellationToken: cancellationToken);
        }
    }
}
