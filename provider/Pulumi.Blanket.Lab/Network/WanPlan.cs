using System.Text;
using Pulumi.Blanket.Lab.Definition;

namespace Pulumi.Blanket.Lab.Network;

/// <summary>
/// The lab's network as input for <c>ip</c>, <c>tc</c> and <c>nft</c>. All bridges lie in the control namespace: <c>wan</c>, on which
/// clients have 198.18.0.1 (a range set aside for such tests by RFC 2544) and host number n has 198.18.0.(10+n); and for each host behind NAT a
/// <c>lan</c><i>n</i> with 192.168.n.0/24, joined to the WAN by a router namespace that masquerades, and to the host's gateway by a second card.
/// </summary>
internal sealed class WanPlan(LabDefinition definition, WanState state)
{
    public const string ControlAddress = "198.18.0.1";

    public static string AddressOnWan(int number) => $"198.18.0.{10 + number}";

    public static string RouterNamespace(string host) => $"nat_{host}";

    public int NumberOf(string host) => definition.Hosts.Index().First(pair => pair.Item.Name == host).Index + 1;

    /// <summary>The address of a host's first card: on the WAN, or in its private network.</summary>
    public string AddressOf(HostDefinition host) => host.Behind is null ? AddressOnWan(NumberOf(host.Name)) : $"192.168.{NumberOf(host.Name)}.2";

    /// <summary>Bridges of the control namespace, and what the routers have there; once, before any host.</summary>
    public string Bridges()
    {
        StringBuilder batch = new();
        AppendBridge(batch, "wan");
        batch.AppendLine($"address add {ControlAddress}/24 dev wan");
        foreach (var number in BehindNat())
        {
            AppendBridge(batch, $"lan{number}");
            var router = RouterNamespace(definition.Hosts[number - 1].Name);
            batch.AppendLine($"link add r{number} type veth peer name wan0 netns {router}");
            batch.AppendLine($"link set r{number} master wan up");
            batch.AppendLine($"link add s{number} type veth peer name lan0 netns {router}");
            batch.AppendLine($"link set s{number} master lan{number} up");
        }

        return batch.ToString();
    }

    /// <summary>Names of the router namespaces, with the <c>ip</c> input for inside.</summary>
    public IEnumerable<(string Namespace, string Batch)> Routers()
        => BehindNat().Select(number => (RouterNamespace(definition.Hosts[number - 1].Name), $"""
            link set lo up
            address add {AddressOnWan(number)}/24 dev wan0
            link set wan0 up
            address add 192.168.{number}.1/24 dev lan0
            link set lan0 up
            """));

    /// <summary>Rules of a router namespace: what comes from inside leaves under the router's address; nothing comes in by itself.</summary>
    public static string RouterRules => """
        table ip nat {
            chain postrouting { type nat hook postrouting priority srcnat; oifname "wan0" masquerade; }
        }
        table ip filter {
            chain forward { type filter hook forward priority filter; policy drop; iifname "lan0" accept; ct state established,related accept; }
        }
        """;

    /// <summary>The host's devices in the control namespace: removed before each boot.</summary>
    public IEnumerable<string> Ports(string host)
    {
        var number = NumberOf(host);
        return [$"p{number}", $"i{number}", .. GatewayOf(host).Select(inner => $"g{inner}")];
    }

    /// <summary><c>ip</c> input for the control namespace that joins a fresh host to its bridges.</summary>
    public string Links(string host)
    {
        var number = NumberOf(host);
        StringBuilder batch = new();
        batch.AppendLine($"link add p{number} type veth peer name eth0 address {Mac(number, 0)} netns {host}");
        batch.AppendLine($"link set p{number} master {(definition.Hosts[number - 1].Behind is null ? "wan" : $"lan{number}")} up");
        batch.AppendLine($"link add i{number} type ifb");
        batch.AppendLine($"link set i{number} up");
        foreach (var (index, inner) in GatewayOf(host).Index())
        {
            batch.AppendLine($"link add g{inner} type veth peer name eth{index + 1} address {Mac(number, index + 1)} netns {host}");
            batch.AppendLine($"link set g{inner} master lan{inner} up");
        }

        return batch.ToString();
    }

    /// <summary><c>tc</c> input that shapes a host's link in both directions, for a fresh host.</summary>
    public string Shaping(string host)
    {
        var number = NumberOf(host);
        return $"""
            {Rate(host)}
            qdisc add dev p{number} handle ffff: ingress
            filter add dev p{number} parent ffff: protocol all u32 match u32 0 0 action mirred egress redirect dev i{number}

            """;
    }

    /// <summary><c>tc</c> input that sets the rate of a host's link, also while it runs.</summary>
    public string Rate(string host)
    {
        var rate = state.RatesMbps[host];
        // At least what passes in 10 ms, so that the shaper's clock does not slow the link down.
        var burst = Math.Max(64 * 1024, rate * 125_000 / 100);
        var number = NumberOf(host);
        return $"""
            qdisc replace dev p{number} root tbf rate {rate}mbit burst {burst} latency 50ms
            qdisc replace dev i{number} root tbf rate {rate}mbit burst {burst} latency 50ms
            """;
    }

    /// <summary><c>ip</c> input for inside a host's namespace.</summary>
    public string Addresses(string host)
    {
        var number = NumberOf(host);
        var self = definition.Hosts[number - 1];
        StringBuilder batch = new();
        batch.AppendLine("link set lo up");
        foreach (var address in AnsweredAddresses(self))
        {
            batch.AppendLine($"address add {address}/24 dev eth0");
        }

        batch.AppendLine("link set eth0 up");
        batch.AppendLine($"route add default via {(self.Behind is null ? ControlAddress : $"192.168.{number}.1")} dev eth0 onlink");
        foreach (var (index, inner) in GatewayOf(host).Index())
        {
            batch.AppendLine($"address add 192.168.{inner}.3/24 dev eth{index + 1}");
            batch.AppendLine($"link set eth{index + 1} up");
        }

        return batch.ToString();
    }

    /// <summary>The addresses at which a host answers on its first card: its own unless another took it, and those it took.</summary>
    public IReadOnlyList<string> AnsweredAddresses(HostDefinition host)
    {
        List<string> addresses = [];
        if (!state.TakenAddresses.ContainsKey(host.Name))
        {
            addresses.Add(AddressOf(host));
        }

        addresses.AddRange(state.TakenAddresses.Where(taken => taken.Value == host.Name).Select(taken => AddressOf(Definition(taken.Key))));
        return addresses;
    }

    /// <summary><c>nft</c> input that drops what is cut and nothing else, in place of what it dropped before.</summary>
    public string Cuts()
    {
        StringBuilder forward = new();
        StringBuilder input = new();
        StringBuilder output = new();
        foreach (var cut in state.Cuts)
        {
            if (cut.Peer is null)
            {
                foreach (var port in HostPorts(cut.Host))
                {
                    forward.AppendLine($"iifname \"{port}\" drop; oifname \"{port}\" drop;");
                    input.AppendLine($"iifname \"{port}\" drop;");
                    output.AppendLine($"oifname \"{port}\" drop;");
                }
            }
            else if (cut.Host == LabDefinition.Control || cut.Peer == LabDefinition.Control)
            {
                var port = WanPort(cut.Host == LabDefinition.Control ? cut.Peer : cut.Host);
                input.AppendLine($"iifname \"{port}\" drop;");
                output.AppendLine($"oifname \"{port}\" drop;");
            }
            else
            {
                foreach (var (left, right) in PortsBetween(cut.Host, cut.Peer))
                {
                    forward.AppendLine($"iifname \"{left}\" oifname \"{right}\" drop; iifname \"{right}\" oifname \"{left}\" drop;");
                }
            }
        }

        return $$"""
            table bridge cuts
            delete table bridge cuts
            table bridge cuts {
                chain forward { type filter hook forward priority 0;
                    {{forward}} }
                chain input { type filter hook input priority 0;
                    {{input}} }
                chain output { type filter hook output priority 0;
                    {{output}} }
            }

            """;
    }

    private static string Mac(int number, int card) => $"02:b1:a0:00:{card:x2}:{number:x2}";

    private static void AppendBridge(StringBuilder batch, string name)
        => batch.AppendLine($"link add {name} type bridge forward_delay 0 mcast_snooping 0").AppendLine($"link set {name} up");

    private HostDefinition Definition(string host) => definition.Hosts[NumberOf(host) - 1];

    private IEnumerable<int> BehindNat() => definition.Hosts.Index().Where(pair => pair.Item.Behind is not null).Select(pair => pair.Index + 1);

    private IEnumerable<int> GatewayOf(string host) => definition.Hosts.Index().Where(pair => pair.Item.Behind == host).Select(pair => pair.Index + 1);

    private IEnumerable<string> HostPorts(string host) => Ports(host).Where(port => port[0] != 'i');

    // The port of the WAN bridge through which a host is seen there: its own, or its router's.
    private string WanPort(string host) => Definition(host).Behind is null ? $"p{NumberOf(host)}" : $"r{NumberOf(host)}";

    private IEnumerable<(string Left, string Right)> PortsBetween(string host, string peer)
    {
        yield return (WanPort(host), WanPort(peer));
        if (Definition(host).Behind == peer)
        {
            yield return ($"p{NumberOf(host)}", $"g{NumberOf(host)}");
        }
        else if (Definition(peer).Behind == host)
        {
            yield return ($"p{NumberOf(peer)}", $"g{NumberOf(peer)}");
        }
    }
}
