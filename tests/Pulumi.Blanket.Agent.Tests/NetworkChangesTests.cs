using System.Diagnostics;
using CsCheck;
using Pulumi.Blanket.Agent.Networks;
using Pulumi.Blanket.Lab;
using Pulumi.Blanket.Lab.Machine;
using Pulumi.Blanket.Lab.Tests;
using Pulumi.Blanket.Lab.Tests.Support;

namespace Pulumi.Blanket.Agent.Tests;

/// <summary>What the kernel tells of a network namespace, by which an agent knows that nothing has to be put right.</summary>
public sealed class NetworkChangesTests
{
    private const string Name = "blanket-test-changes";

    /// <summary>As root, in a namespace of its own: no other test and no host is in it.</summary>
    [LabFact]
    public async Task WhatMattersIsToldAndNothingElse()
    {
        await RunAsync($"ip netns delete {Name} 2> /dev/null; ip netns add {Name} && ip -n {Name} link set lo up");
        try
        {
            using var changes = NetworkNamespace.Run(Name, NetworkChanges.Open);
            Assert.False(changes.Take());
            foreach (var change in new[]
            {
                "ip link add bk1 type bridge", "ip link set bk1 up", "ip link add vx1 type vxlan id 1 dstport 14789 local 127.0.0.1", "ip link set vx1 master bk1 up",
                "ip address add 10.1.0.1/24 dev bk1", "ip route add 10.2.0.0/24 dev bk1", "ip rule add from 10.9.0.0/24 table main", "echo 1 > /proc/sys/net/ipv4/conf/bk1/forwarding",
                "bridge fdb append 00:00:00:00:00:00 dev vx1 dst 10.1.0.9", "bridge fdb delete 00:00:00:00:00:00 dev vx1 dst 10.1.0.9",
                "nft add table inet blanket", "nft add chain inet blanket input", "nft flush ruleset", "ip route delete 10.2.0.0/24", "ip address flush dev bk1", "ip link delete vx1",
            })
            {
                await InsideAsync(change);
                Assert.True(changes.Take(), $"it is told: {change}");
                await UntilQuietAsync(changes);
                Assert.False(changes.Take());
            }

            // Who is where changes all the time.
            await InsideAsync("ip address add 10.1.0.1/24 dev bk1");
            await UntilQuietAsync(changes);
            foreach (var change in new[] { "ip neighbour add 10.1.0.5 lladdr 02:00:00:00:00:05 dev bk1", "bridge fdb add 02:00:00:00:00:06 dev bk1 self", "ip neighbour delete 10.1.0.5 dev bk1" })
            {
                await InsideAsync(change);
                Assert.False(changes.Take(), $"it is left out: {change}");
            }

            // More than the socket holds is told as a change.
            await InsideAsync("for i in $(seq 1 400); do echo link set bk1 mtu $((1000 + i)); done | ip -batch -");
            Assert.True(changes.Take());
        }
        finally
        {
            await RunAsync($"ip netns delete {Name}");
        }
    }

    [Fact]
    public void WhateverComesIsReadToItsEnd() => Gen.Byte.Array[0, 200].Sample(static bytes =>
    {
        _ = NetworkChanges.IsOurs(bytes);
    }, iter: 20_000);

    /// <summary>Some changes have others in their wake, a moment later: a bridge whose port comes up.</summary>
    private static async Task UntilQuietAsync(NetworkChanges changes)
    {
        for (var quiet = 0; quiet < 5; quiet++)
        {
            await Task.Delay(50, TestContext.Current.CancellationToken);
            quiet = changes.Take() ? -1 : quiet;
        }
    }

    private static Task InsideAsync(string command) => RunAsync($"ip netns exec {Name} sh -c '{command}'");

    private static async Task RunAsync(string command)
    {
        using var process = Process.Start("sh", ["-c", command]);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(process.ExitCode == 0, $"exit code {process.ExitCode}: {command}");
    }
}
