using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Pulumi.Blanket.Agent.Machine;
using Pulumi.Blanket.Agent.Networks;
using Pulumi.Blanket.Agent.Registry;
using Pulumi.Blanket.Contract;

namespace Pulumi.Blanket.Agent.Fabrics;

/// <summary>The member's WireGuard interface. What links there are is changed without disturbing those that stay.</summary>
internal static class Mesh
{
    /// <summary>A NAT on the way forgets a UDP mapping after 30 s or more.</summary>
    private const int KeepaliveSeconds = 25;

    private const string ForwardingSwitch = $"/proc/sys/net/ipv4/conf/{MeshInterface.Name}/forwarding";

    private const string Unit = "blanket-wireguard.service";

    public static async Task ApplyAsync(FabricFacts facts, CancellationToken cancellationToken)
    {
        var plan = MeshPlan.For(facts, MachineFacts.MachineId);
        await MakeInterfaceAsync(cancellationToken);

        // The private key goes by a file that only root reads: arguments can be seen by everybody.
        Directory.CreateDirectory(AgentPaths.Runtime);
        DurableFile.Write(AgentPaths.WireGuardSettings, await ToSettingsAsync(plan, FabricKeys.ReadWireGuardKey(facts.FabricId), cancellationToken), DurableFile.Private);
        try
        {
            await Command.RunOrThrowAsync("wg", ["syncconf", MeshInterface.Name, AgentPaths.WireGuardSettings], cancellationToken: cancellationToken);
        }
        finally
        {
            File.Delete(AgentPaths.WireGuardSettings);
        }

        var prefix = IPNetwork.Parse(facts.Settings.MeshCidr).PrefixLength;
        await Command.RunOrThrowAsync("ip", ["address", "replace", $"{plan.Address}/{prefix}", "dev", MeshInterface.Name], cancellationToken: cancellationToken);
        await Command.RunOrThrowAsync("ip", ["link", "set", MeshInterface.Name, "mtu", $"{MeshMtu.Mesh}", "up"], cancellationToken: cancellationToken);

        MeshInterface.Forward();
    }

    public static async Task RemoveAsync(CancellationToken cancellationToken)
    {
        await SystemdUnit.RemoveAsync(AgentPaths.WireGuardUnit, cancellationToken);
        if (MeshInterface.Exists)
        {
            await Command.RunOrThrowAsync("ip", ["link", "delete", MeshInterface.Name], cancellationToken: cancellationToken);
        }
    }

    /// <summary>As far as files of the kernel tell. That an interface goes, or is changed, it tells by itself.</summary>
    public static bool IsIntact() => MeshInterface.Exists && File.ReadAllText(ForwardingSwitch).Trim() == "1";

    /// <summary>Where names among the endpoints lead to now; empty where there is none.</summary>
    public static async Task<string> ResolveAsync(FabricFacts facts, CancellationToken cancellationToken)
    {
        StringBuilder resolved = new();
        foreach (var peer in MeshPlan.For(facts, MachineFacts.MachineId).Peers)
        {
            if (peer.Endpoint is not null && !IPEndPoint.TryParse(peer.Endpoint, out _))
            {
                resolved.Append(CultureInfo.InvariantCulture, $"{peer.Endpoint} {await ResolveAsync(peer.Endpoint, cancellationToken)}\n");
            }
        }

        return resolved.ToString();
    }

    /// <summary>What WireGuard knows about each link.</summary>
    public static async Task<IReadOnlyList<Link>> ReadLinksAsync(FabricFacts facts, CancellationToken cancellationToken)
    {
        if (!MeshInterface.Exists)
        {
            return [];
        }

        // One line for the interface, then one per peer: key, preshared key, endpoint, allowed addresses, last handshake, received, sent, keepalive.
        var lines = (await Command.RunOrThrowAsync("wg", ["show", MeshInterface.Name, "dump"], cancellationToken: cancellationToken)).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        var now = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();
        List<Link> links = [];
        foreach (var fields in lines.Skip(1).Select(line => line.Split('\t')))
        {
            if (fields.Length >= 7 && facts.Members.FirstOrDefault(member => member.WireguardPublicKey == fields[0]) is { } member)
            {
                Link link = new() { MachineId = member.MachineId, ReceivedBytes = long.Parse(fields[5]), SentBytes = long.Parse(fields[6]) };
                if (long.Parse(fields[4]) is > 0 and var handshake)
                {
                    link.HandshakeAgeSeconds = Math.Max(0, now - handshake);
                }

                links.Add(link);
            }
        }

        return links;
    }

    private static async Task MakeInterfaceAsync(CancellationToken cancellationToken)
    {
        if (MeshInterface.Exists)
        {
            if (File.Exists(AgentPaths.WireGuardUnit))
            {
                await WaitUntilItAnswersAsync(cancellationToken); // it may just have been restarted
            }

            return;
        }

        var kernel = await Command.RunAsync("ip", ["link", "add", MeshInterface.Name, "type", "wireguard"], cancellationToken: cancellationToken);
        if (kernel.Succeeded)
        {
            return;
        }

        if (Command.Find("wireguard-go") is not { } program)
        {
            throw new AgentException(AgentFault.NotPossible, $"the kernel has no WireGuard ({kernel.Complaint}), and wireguard-go is not installed; install it");
        }

        await SystemdUnit.WriteAsync(AgentPaths.WireGuardUnit,
            $"""
            [Unit]
            Description=Pulumi.Blanket mesh (WireGuard in user space)

            [Service]
            ExecStart={program} --foreground {MeshInterface.Name}
            Restart=always
            RestartSec=1

            """, cancellationToken);
        await SystemdUnit.RunAsync("restart", Unit, cancellationToken);
        await WaitUntilItAnswersAsync(cancellationToken);
    }

    /// <summary>The interface is there before its control socket is, and one that was killed leaves its socket behind: so `wg` has to get an answer.</summary>
    private static async Task WaitUntilItAnswersAsync(CancellationToken cancellationToken)
    {
        for (var attempt = 0; !(await Command.RunAsync("wg", ["show", MeshInterface.Name, "listen-port"], cancellationToken: cancellationToken)).Succeeded; attempt++)
        {
            if (attempt == 100)
            {
                throw new AgentException(AgentFault.NotPossible, $"wireguard-go made no interface that answers within 10 s; see `journalctl -u {Unit}`");
            }

            await Task.Delay(100, cancellationToken);
        }
    }

    /// <summary>A name that can't be resolved right now leaves one link without an endpoint; `wg` would refuse all of them.</summary>
    private static async Task<IPEndPoint?> ResolveAsync(string endpoint, CancellationToken cancellationToken)
    {
        if (IPEndPoint.TryParse(endpoint, out var numeric))
        {
            return numeric;
        }

        var colon = endpoint.LastIndexOf(':');
        try
        {
            var addresses = await Dns.GetHostAddressesAsync(endpoint[..colon], cancellationToken);
            return addresses.Length > 0 && ushort.TryParse(endpoint[(colon + 1)..], out var port) ? new IPEndPoint(addresses[0], port) : null;
        }
        catch (Exception fault) when (fault is SocketException or ArgumentException)
        {
            return null;
        }
    }

    private static async Task<string> ToSettingsAsync(MeshPlan plan, string privateKey, CancellationToken cancellationToken)
    {
        StringBuilder text = new();
        text.Append($"[Interface]\nPrivateKey = {privateKey}\nListenPort = {plan.Port}\n");
        foreach (var peer in plan.Peers)
        {
            text.Append($"\n[Peer]\nPublicKey = {peer.PublicKey}\nAllowedIPs = {string.Join(", ", peer.Addresses.Select(address => $"{address}/32"))}\nPersistentKeepalive = {KeepaliveSeconds}\n");
            if (peer.Endpoint is not null && await ResolveAsync(peer.Endpoint, cancellationToken) is { } endpoint)
            {
                text.Append($"Endpoint = {endpoint}\n");
            }
        }

        return text.ToString();
    }
}
