using Pulumi.Blanket.Agent.Machine;
using Pulumi.Blanket.Contract;

namespace Pulumi.Blanket.Agent.Networks;

/// <summary>Puts nftables' rules in force. A table that is added, deleted and added anew in one transaction is replaced without a moment in between.</summary>
internal static class NetworkRules
{
    public const string Table = "blanket";

    public static Task ApplyAsync(FabricFacts facts, Member me, CancellationToken cancellationToken)
        => Command.RunOrThrowAsync("nft", ["-f", "-"], input: BridgeRules.For(facts) + HostRules.For(facts, me), cancellationToken: cancellationToken);

    public static Task ApplyInsideAsync(FabricFacts facts, NetworkFacts network, Member me, CancellationToken cancellationToken)
        => Command.RunOrThrowAsync("ip", ["netns", "exec", OverlayNetwork.Gateway(network.Vni), "nft", "-f", "-"], input: GatewayRules.For(facts, network, me), cancellationToken: cancellationToken);

    public static async Task RemoveAsync(CancellationToken cancellationToken)
    {
        if (Command.Find("nft") is not null)
        {
            await Command.RunOrThrowAsync("nft", ["-f", "-"], input:
                $"""
                table bridge {Table}
                delete table bridge {Table}
                table inet {Table}
                delete table inet {Table}

                """, cancellationToken: cancellationToken);
        }
    }

    public static string Protocol(ExposedPort port) => port.Protocol == TransportProtocol.Udp ? "udp" : "tcp";

    public static string Lines(IEnumerable<string> rules) => string.Concat(rules.Select(static rule => $"    {rule}\n"));
}
