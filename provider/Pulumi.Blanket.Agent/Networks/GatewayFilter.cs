using System.Globalization;
using System.Text;
using Pulumi.Blanket.Agent.Fabrics;
using Pulumi.Blanket.Agent.Machine;
using Pulumi.Blanket.Contract;

namespace Pulumi.Blanket.Agent.Networks;

/// <summary>
/// nftables' rules for networks. Every member has each network's gateway, so what asks for it, and what comes from it, must not go through
/// the tunnel: each guest's own member answers alone. And a tunnel takes nothing that does not come through the mesh. The rules have no
/// state: the bridge family's connection tracking is missing in many kernels.
/// </summary>
internal static class GatewayFilter
{
    private const string BridgeTable = "blanket";

    public static async Task ApplyAsync(IEnumerable<NetworkFacts> networks, CancellationToken cancellationToken)
    {
        StringBuilder forward = new();
        StringBuilder input = new();
        StringBuilder output = new();
        foreach (var network in networks)
        {
            var tunnel = OverlayNetwork.Tunnel(network.Vni);
            forward.Append(CultureInfo.InvariantCulture, $"    oifname \"{tunnel}\" arp daddr ip {network.Gateway} drop\n");
            forward.Append(CultureInfo.InvariantCulture, $"    iifname \"{tunnel}\" arp saddr ip {network.Gateway} drop\n");
            input.Append(CultureInfo.InvariantCulture, $"    iifname \"{tunnel}\" arp daddr ip {network.Gateway} drop\n");
            output.Append(CultureInfo.InvariantCulture, $"    oifname \"{tunnel}\" ether saddr {OverlayNetwork.GatewayMac(network.Vni)} drop\n");
        }

        // A table that is added, deleted and added anew in one transaction is replaced without a moment in between.
        await Command.RunOrThrowAsync("nft", ["-f", "-"], input:
            $$"""
            table bridge {{BridgeTable}}
            delete table bridge {{BridgeTable}}
            table bridge {{BridgeTable}} {
              chain forward {
                type filter hook forward priority filter; policy accept;
            {{forward}}  }
              chain input {
                type filter hook input priority filter; policy accept;
            {{input}}  }
              chain output {
                type filter hook output priority filter; policy accept;
            {{output}}  }
            }
            table inet {{BridgeTable}}
            delete table inet {{BridgeTable}}
            table inet {{BridgeTable}} {
              chain input {
                type filter hook input priority filter - 10; policy accept;
                udp dport {{OverlayNetwork.Port}} iifname != "{{Mesh.Interface}}" drop
              }
            }

            """, cancellationToken: cancellationToken);
    }

    public static async Task RemoveAsync(CancellationToken cancellationToken)
    {
        if (Command.Find("nft") is null)
        {
            return;
        }

        await Command.RunOrThrowAsync("nft", ["-f", "-"], input:
            $"""
            table bridge {BridgeTable}
            delete table bridge {BridgeTable}
            table inet {BridgeTable}
            delete table inet {BridgeTable}

            """, cancellationToken: cancellationToken);
    }
}
