using Pulumi.Blanket.Lab;

namespace Pulumi.Blanket.EndToEnd.Tests;

/// <summary>A client in a network, as a guest is, in a network namespace of its own on a member.</summary>
internal sealed class SegmentClient(LabHost host) : IAsyncDisposable
{
    private const string Namespace = "segment-client";

    public static async Task<SegmentClient> JoinAsync(LabHost host, string bridge, string address)
    {
        await host.RunOrThrowAsync(["sh", "-ec", $"""
            ip netns delete {Namespace} 2> /dev/null || true
            ip netns add {Namespace}
            ip link add client mtu 1330 netns {Namespace} type veth peer name tap-client mtu 1330
            ip link set tap-client master {bridge} up
            ip netns exec {Namespace} sh -ec 'ip link set lo up; ip link set client up; ip address add {address} dev client'
            """]);
        return new SegmentClient(host);
    }

    public Task<CommandResult> RunAsync(IReadOnlyList<string> command) => host.RunAsync(["ip", "netns", "exec", Namespace, .. command]);

    public async Task<string> RunOrThrowAsync(IReadOnlyList<string> command) => (await RunAsync(command)).OutputOrThrow();

    public async ValueTask DisposeAsync() => await host.RunAsync(["ip", "netns", "delete", Namespace]);
}
