using System.Globalization;
using System.Text;
using Pulumi.Blanket.Contract;

namespace Pulumi.Blanket.Agent.Networks;

/// <summary>
/// nftables' rules for what passes a member's bridges. A guest's port takes its own MAC and address and no others. Every member has each network's gateway, so what
/// asks for it, and what comes from it, does not go through the tunnel: each guest's own member answers alone; DHCP the same. And nothing reaches the host itself. The rules have no
/// state: the bridge family's connection tracking is missing in many kernels.
/// </summary>
internal static class BridgeRules
{
    public static string For(FabricFacts facts)
    {
        StringBuilder forward = new();
        StringBuilder input = new();
        foreach (var network in facts.Networks)
        {
            var tunnel = OverlayNetwork.Tunnel(network.Vni);
            var mac = OverlayNetwork.GatewayMac(network.Vni);
            forward.Append(CultureInfo.InvariantCulture,
                $"""
                    oifname "{tunnel}" arp daddr ip {network.Gateway} drop
                    iifname "{tunnel}" arp daddr ip {network.Gateway} drop
                    iifname "{tunnel}" arp saddr ip {network.Gateway} drop
                    oifname "{tunnel}" ether saddr {mac} drop
                    iifname "{tunnel}" ether saddr {mac} drop
                    oifname "{tunnel}" udp sport 68 udp dport 67 drop
                    iifname "{tunnel}" udp sport 68 udp dport 67 drop

                """);
            foreach (var port in new[] { tunnel, OverlayNetwork.InsidePort(network.Vni), OverlayNetwork.AmongPort(network.Vni) })
            {
                input.Append(CultureInfo.InvariantCulture, $"    iifname \"{port}\" drop\n");
            }
        }

        var leases = facts.Machines.SelectMany(machine => machine.Leases).ToList();
        return $$"""
            table bridge {{NetworkRules.Table}}
            delete table bridge {{NetworkRules.Table}}
            table bridge {{NetworkRules.Table}} {
              set cards {
                type ifname . ether_addr{{Elements(leases.Select(lease => $"\"{OverlayNetwork.Card(lease)}\" . {lease.Mac}"))}}
              }
              set leases {
                type ifname . ether_addr . ipv4_addr{{Elements(leases.Select(lease => $"\"{OverlayNetwork.Card(lease)}\" . {lease.Mac} . {lease.Address}"))}}
              }
              chain prerouting {
                type filter hook prerouting priority filter; policy accept;
                iifname != "{{OverlayNetwork.CardPrefix}}*" accept
                iifname . ether saddr != @cards drop
                udp sport 67 drop
                iifname . arp saddr ether . arp saddr ip @leases accept
                iifname . arp saddr ether @cards arp saddr ip 0.0.0.0 accept
                iifname . ether saddr . ip saddr @leases accept
                ip saddr 0.0.0.0 udp sport 68 udp dport 67 accept
                ether type 0x8035 accept
                drop
              }
              chain forward {
                type filter hook forward priority filter; policy accept;
            {{forward}}  }
              chain input {
                type filter hook input priority filter; policy accept;
                iifname "{{OverlayNetwork.CardPrefix}}*" drop
            {{input}}  }
            }

            """;
    }

    private static string Elements(IEnumerable<string> elements) => string.Join(", ", elements.Distinct()) is { Length: > 0 } text ? $"\n    elements = {{ {text} }}" : "";
}
