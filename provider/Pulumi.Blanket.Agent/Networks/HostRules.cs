using System.Globalization;
using System.Text;
using Pulumi.Blanket.Contract;

namespace Pulumi.Blanket.Agent.Networks;

/// <summary>
/// nftables' rules for what passes between a member and its networks' gateways: a tunnel takes nothing that does not come through the mesh; what leaves a network has this member's
/// address, and reaches neither the member itself, nor the mesh, nor another network; what is exposed gets in, and nothing else.
/// </summary>
internal static class HostRules
{
    public static string For(FabricFacts facts, Member me)
    {
        var uplinks = string.Join(", ", facts.Networks.Select(network => $"\"{OverlayNetwork.Uplink(network.Vni)}\""));
        StringBuilder exposed = new();
        foreach (var network in facts.Networks)
        {
            foreach (var (port, _) in EgressPlan.Exposed(facts, network, me))
            {
                exposed.Append(CultureInfo.InvariantCulture,
                    $"    iifname != {{ {uplinks}, \"{MeshInterface.Name}\" }} fib daddr type local {NetworkRules.Protocol(port)} dport {port.Port} dnat ip to {OverlayNetwork.OutsideAddress(network.Vni)}\n");
            }
        }

        return $$"""
            table inet {{NetworkRules.Table}}
            delete table inet {{NetworkRules.Table}}
            table inet {{NetworkRules.Table}} {
              chain input {
                type filter hook input priority filter - 10; policy accept;
                udp dport {{OverlayNetwork.Port}} iifname != "{{MeshInterface.Name}}" drop
                iifname { {{uplinks}} } drop
              }
              chain forward {
                type filter hook forward priority filter - 10; policy accept;
                iifname { {{uplinks}} } oifname { {{uplinks}}, "{{MeshInterface.Name}}" } drop
                oifname { {{uplinks}} } ct state established,related accept
                oifname { {{uplinks}} } ct status dnat accept
                oifname { {{uplinks}} } drop
              }
              chain prerouting {
                type nat hook prerouting priority dstnat; policy accept;
            {{exposed}}  }
              chain postrouting {
                type nat hook postrouting priority srcnat; policy accept;
                oifname { {{uplinks}} } ct status dnat masquerade
                ip saddr {{OverlayNetwork.GatewayAddresses}} oifname != { {{uplinks}} } masquerade
              }
            }

            """;
    }
}
