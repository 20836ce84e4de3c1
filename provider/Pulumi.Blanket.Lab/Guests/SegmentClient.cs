using Pulumi.Blanket.Lab.Hosts;
using Pulumi.Blanket.Lab.Machine;

namespace Pulumi.Blanket.Lab.Guests;

/// <summary>A client in a network, as a guest is, in a network namespace of its own on a member.</summary>
public sealed class SegmentClient : IAsyncDisposable
{
    private const string Namespace = "segment-client";

    private readonly LabHost _host;

    private SegmentClient(LabHost host) => _host = host;

    /// <param name="bridge">The network's bridge on that host.</param>
    /// <param name="address">One that nobody has, with the length of the network's prefix.</param>
    public static async Task<SegmentClient> JoinAsync(LabHost host, string bridge, string address)
    {
        await host.RunOrThrowAsync(["sh", "-ec", $"""
            ip link delete tap-client 2> /dev/null || true # a former one's, which goes a moment after its namespace
            ip netns delete {Namespace} 2> /dev/null || true
            ip netns add {Namespace}
            ip link add client mtu 1330 netns {Namespace} type veth peer name tap-client mtu 1330
            ip link set tap-client master {bridge} up
            ip netns exec {Namespace} sh -ec 'ip link set lo up; ip link set client up; ip address add {address} dev client'
            """]);
        return new SegmentClient(host);
    }

    /// <summary>Of its network namespace, for who is outside of the host.</summary>
    internal string NamespacePath => _host.PathInside($"/run/netns/{Namespace}");

    /// <summary>Runs a command where the client is.</summary>
    public Task<CommandResult> RunAsync(IReadOnlyList<string> command) => _host.RunAsync(["ip", "netns", "exec", Namespace, .. command]);

    /// <summary>The same, for its output.</summary>
    public async Task<string> RunOrThrowAsync(IReadOnlyList<string> command) => (await RunAsync(command)).OutputOrThrow();

    public async ValueTask DisposeAsync() => await _host.RunAsync(["ip", "netns", "delete", Namespace]);
}
