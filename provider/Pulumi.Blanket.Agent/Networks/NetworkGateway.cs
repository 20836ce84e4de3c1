using System.Globalization;
using Pulumi.Blanket.Contract;

namespace Pulumi.Blanket.Agent.Networks;

/// <summary>
/// A network's gateway on this member, in a network namespace of its own: so networks with the same addresses don't meet, and guests don't meet the host. It has three cards:
/// one that is the gateway to guests, the same on all members; one that is this member's own place in the network, with its mesh address, by which it reaches guests wherever they
/// are; and one to the host.
/// </summary>
internal static class NetworkGateway
{
    /// <summary>Makes it, or brings it to what the facts say. Can be repeated.</summary>
    public static async Task ApplyAsync(FabricFacts facts, NetworkFacts network, Member me, string alias, CancellationToken cancellationToken)
    {
        var name = OverlayNetwork.Gateway(network.Vni);
        if (!NetworkNamespace.Exists(name))
        {
            // One whose name was taken away lives on, with the other ends of its cards, for as long as its name server runs in it.
            await NameServer.RemoveAsync(network.Vni, cancellationToken);
            await IpCommands.RunAsync([.. Ports(network).Where(IsThere).Select(static port => $"link delete {port}"), $"netns add {name}"], cancellationToken);
        }

        await IpCommands.RunAsync(OutsideCommands(network, name, alias), cancellationToken);
        NetworkNamespace.Run(name, SetUp);
        await NetworkRules.ApplyInsideAsync(facts, network, me, cancellationToken); // before there is an address, or a way
        await IpCommands.RunAsync(InsideCommands(facts, network, me), cancellationToken, name);
        await NameServer.ApplyAsync(facts, network, me, cancellationToken);
    }

    public static async Task ApplyLeasesAsync(FabricFacts facts, NetworkFacts network, Member me, CancellationToken cancellationToken)
    {
        if (network.Services?.Exposed.Any(port => port.Member == me.MachineId) == true)
        {
            await NetworkRules.ApplyInsideAsync(facts, network, me, cancellationToken);
        }

        await NameServer.ApplyLeasesAsync(facts, network, cancellationToken);
    }

    /// <summary>Removes those of networks that are no more.</summary>
    public static async Task RemoveOthersAsync(IEnumerable<NetworkFacts> wanted, CancellationToken cancellationToken)
    {
        var names = wanted.Select(network => OverlayNetwork.Gateway(network.Vni)).ToHashSet(StringComparer.Ordinal);
        foreach (var gone in NetworkNamespace.Names(OverlayNetwork.Gateway).Where(name => !names.Contains(OverlayNetwork.Gateway(name))))
        {
            await NameServer.RemoveAsync(gone, cancellationToken);
            await IpCommands.RunAsync([$"netns delete {OverlayNetwork.Gateway(gone)}"], cancellationToken);
        }
    }

    private static string[] Ports(NetworkFacts network) => [OverlayNetwork.InsidePort(network.Vni), OverlayNetwork.AmongPort(network.Vni), OverlayNetwork.Uplink(network.Vni)];

    private static bool IsThere(string device) => Directory.Exists($"/sys/class/net/{device}");

    private static List<string> OutsideCommands(NetworkFacts network, string name, string alias)
    {
        List<string> commands = [];
        foreach (var (port, inner) in new[]
        {
            (OverlayNetwork.InsidePort(network.Vni), OverlayNetwork.Inside), (OverlayNetwork.AmongPort(network.Vni), OverlayNetwork.Among), (OverlayNetwork.Uplink(network.Vni), OverlayNetwork.Outside),
        })
        {
            if (!IsThere(port))
            {
                commands.Add($"link add {port} type veth peer name {inner} netns {name}");
                commands.Add($"link set {port} alias \"{alias}\"");
                commands.Add($"link set {port} addrgenmode none");
            }
        }

        var (uplink, bridge) = (OverlayNetwork.Uplink(network.Vni), OverlayNetwork.Bridge(network.Vni));
        commands.AddRange(
        [
            string.Create(CultureInfo.InvariantCulture, $"link set {OverlayNetwork.InsidePort(network.Vni)} mtu {network.Mtu} master {bridge} up"),
            string.Create(CultureInfo.InvariantCulture, $"link set {OverlayNetwork.AmongPort(network.Vni)} mtu {network.Mtu} master {bridge} up"),
            $"link set {uplink} up",
            $"address replace {OverlayNetwork.HostAddress}/32 dev {uplink}",
            $"route replace {OverlayNetwork.OutsideAddress(network.Vni)}/32 dev {uplink}",
        ]);
        return commands;
    }

    private static bool SetUp()
    {
        const string Ipv4 = "/proc/sys/net/ipv4";
        File.WriteAllText($"{Ipv4}/ip_forward", "1");
        foreach (var card in (string[])["all", OverlayNetwork.Inside, OverlayNetwork.Among, OverlayNetwork.Outside])
        {
            // An address is answered for by the card that has it, asked for from it, and answers may take another way than questions.
            File.WriteAllText($"{Ipv4}/conf/{card}/arp_ignore", "1");
            File.WriteAllText($"{Ipv4}/conf/{card}/arp_announce", "2");
            File.WriteAllText($"{Ipv4}/conf/{card}/rp_filter", "0");
            File.WriteAllText($"{Ipv4}/conf/{card}/send_redirects", "0");
            File.WriteAllText($"{Ipv4}/conf/{card}/accept_redirects", "0");
            if (File.Exists($"/proc/sys/net/ipv6/conf/{card}/disable_ipv6"))
            {
                File.WriteAllText($"/proc/sys/net/ipv6/conf/{card}/disable_ipv6", "1");
            }
        }

        return true;
    }

    private static List<string> InsideCommands(FabricFacts facts, NetworkFacts network, Member me)
    {
        const string Inside = OverlayNetwork.Inside;
        const string Among = OverlayNetwork.Among;
        const string Outside = OverlayNetwork.Outside;
        var egress = EgressPlan.Of(facts, network, me);
        List<string> commands =
        [
            "link set lo up",
            string.Create(CultureInfo.InvariantCulture, $"link set {Inside} address {OverlayNetwork.GatewayMac(network.Vni)} mtu {network.Mtu} up"),
            string.Create(CultureInfo.InvariantCulture, $"link set {Among} address {OverlayNetwork.MemberMac(me.MeshAddress)} mtu {network.Mtu} up"),
            $"link set {Outside} up",
            $"address replace {network.Gateway}/{OverlayNetwork.PrefixLength(network)} dev {Inside} noprefixroute",
            $"address replace {me.MeshAddress}/32 dev {Among}",
            $"address replace {OverlayNetwork.OutsideAddress(network.Vni)}/32 dev {Outside}",
            $"route replace {OverlayNetwork.HostAddress}/32 dev {Outside}",

            // To guests as this member, so that they are reached wherever they are; the other way is for DHCP, which chooses its card.
            $"route replace {network.Cidr} dev {Among} metric 10",
            $"route replace {network.Cidr} dev {Inside} metric 100",
            .. facts.Members.Where(member => member.MachineId != me.MachineId).Select(member => $"route replace {member.MeshAddress}/32 dev {Among}"),
            egress.LeavesHere ? $"route replace default via {OverlayNetwork.HostAddress} dev {Outside} onlink"
                : egress.By is { } exit ? $"route replace default via {exit.MeshAddress} dev {Among} onlink"
                : "route replace unreachable default",
            network.Services is { CloudMetadata: true } ? $"route replace {OverlayNetwork.CloudMetadata}/32 via {OverlayNetwork.HostAddress} dev {Outside} onlink" : $"route replace unreachable {OverlayNetwork.CloudMetadata}/32",
        ];
        return commands;
    }
}
