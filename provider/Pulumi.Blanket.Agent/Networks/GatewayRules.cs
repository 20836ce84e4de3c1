using System.Globalization;
using System.Net;
using System.Text;
using Pulumi.Blanket.Contract;

namespace Pulumi.Blanket.Agent.Networks;

/// <summary>nftables' rules inside a network's gateway on a member: what guests may ask of it, and where what they send may go.</summary>
internal static class GatewayRules
{
    /// <summary>
    /// What no guest reaches, whatever a network's egress is: link-local addresses, where clouds keep their metadata services (and the credentials of the host), other addresses
    /// of such services (Azure's WireServer; Alibaba's), and what is nobody's.
    /// </summary>
    private static readonly string[] NeverReached = ["0.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "168.63.129.16/32", "100.100.100.200/32", "224.0.0.0/4", "240.0.0.0/4"];

    public static string For(FabricFacts facts, NetworkFacts network, Member me)
    {
        var egress = EgressPlan.Of(facts, network, me);
        var outside = OverlayNetwork.OutsideAddress(network.Vni);
        List<string> input = [];
        if (network.Services is { Dhcp: true })
        {
            input.Add($"iifname \"{OverlayNetwork.Inside}\" udp sport 68 udp dport 67 accept");
        }

        if (network.Services is { Dns: true })
        {
            input.Add($"iifname \"{OverlayNetwork.Inside}\" ip daddr {network.Gateway} meta l4proto {{ tcp, udp }} th dport 53 accept");
            if (egress.IsExit)
            {
                input.Add($"iifname \"{OverlayNetwork.Among}\" ip saddr {facts.Settings.MeshCidr} meta l4proto {{ tcp, udp }} th dport 53 accept");
            }
        }

        var metadata = network.Services is { CloudMetadata: true }
            ? $"iifname \"{OverlayNetwork.Inside}\" oifname \"{OverlayNetwork.Outside}\" ip daddr {OverlayNetwork.CloudMetadata} tcp dport 80 accept"
            : "";
        List<string> forward = [];
        if (egress.LeavesHere)
        {
            forward.Add($"iifname {(egress.IsExit ? $"{{ \"{OverlayNetwork.Inside}\", \"{OverlayNetwork.Among}\" }}" : $"\"{OverlayNetwork.Inside}\"")} oifname \"{OverlayNetwork.Outside}\" accept");
        }
        else if (egress.By is not null)
        {
            forward.Add($"iifname \"{OverlayNetwork.Inside}\" oifname \"{OverlayNetwork.Among}\" accept");
        }

        StringBuilder exposed = new();
        foreach (var (port, address) in EgressPlan.Exposed(facts, network, me))
        {
            exposed.Append(CultureInfo.InvariantCulture, $"    iifname \"{OverlayNetwork.Outside}\" {NetworkRules.Protocol(port)} dport {port.Port} dnat ip to {address}:{port.TargetPort}\n");
        }

        return $$"""
            table inet {{NetworkRules.Table}}
            delete table inet {{NetworkRules.Table}}
            table inet {{NetworkRules.Table}} {
              set never {
                type ipv4_addr; flags interval; auto-merge
                elements = { {{string.Join(", ", Never(facts))}} }
              }
              chain input {
                type filter hook input priority filter; policy drop;
                iifname "lo" accept
                ct state established,related accept
                iifname "{{OverlayNetwork.Inside}}" ip daddr {{network.Gateway}} icmp type echo-request accept
            {{NetworkRules.Lines(input)}}  }
              chain forward {
                type filter hook forward priority filter; policy drop;
                ct state established,related accept
                iifname "{{OverlayNetwork.Inside}}" oifname "{{OverlayNetwork.Among}}" ip daddr { {{string.Join(", ", facts.Members.Select(member => member.MeshAddress))}} } accept
                iifname "{{OverlayNetwork.Outside}}" oifname "{{OverlayNetwork.Among}}" ct status dnat accept
                {{metadata}}
                ip daddr @never drop
            {{NetworkRules.Lines(forward)}}  }
              chain prerouting {
                type nat hook prerouting priority dstnat; policy accept;
            {{exposed}}  }
              chain postrouting {
                type nat hook postrouting priority srcnat; policy accept;
                oifname "{{OverlayNetwork.Outside}}" snat ip to {{outside}}
                oifname "{{OverlayNetwork.Among}}" ct status dnat snat ip to {{me.MeshAddress}}
              }
            }

            """;
    }

    /// <summary>The members themselves too: what listens there listens for their owner.</summary>
    private static IEnumerable<string> Never(FabricFacts facts)
        => NeverReached.Append(facts.Settings.MeshCidr)
            .Concat(facts.Members.SelectMany(member => new[] { member.Settings.Address, member.Settings.PrivateAddress }).Where(IsIpv4).Select(address => $"{address}/32"))
            .Distinct(StringComparer.Ordinal);

    private static bool IsIpv4(string address) => IPAddress.TryParse(address, out var parsed) && parsed.AddressFamily == System.Net.Sockets.AddressFamily.InterNetwork && parsed.ToString() == address;
}
