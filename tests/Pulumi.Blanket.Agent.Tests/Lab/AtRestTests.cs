using System.Diagnostics;
using System.Globalization;
using Grpc.Core;
using Pulumi.Blanket.Contract;
using Pulumi.Blanket.Lab;
using Pulumi.Blanket.Lab.Hosts;
using Pulumi.Blanket.Lab.Tests;
using Pulumi.Blanket.Lab.Tests.Support;

namespace Pulumi.Blanket.Agent.Tests.Lab;

/// <summary>What an agent does that nobody asks for anything: it starts no process and writes nothing, puts right what others change, and ends at once.</summary>
[Collection(nameof(AgentLab))]
public sealed class AtRestTests(AgentLab lab) : AgentLabTest(lab)
{
    private const string Timeouts = "/etc/blanket/timeouts.json";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [LabFact]
    public async Task AMemberAtRestStartsNothingAndWritesNothing()
    {
        var host = Lab.Public;
        await FoundWithNetworkAsync(host, """{ "longestSync": "00:00:00.200", "imageRound": "00:00:00.500", "memoryRound": "00:00:00.500" }""");
        try
        {
            // Some fifty rounds of it.
            var (faults, bytes) = await QuietAsync(host);
            await Task.Delay(TimeSpan.FromSeconds(10), Token);
            Assert.Equal((faults, bytes), await ReadAsync(host));
        }
        finally
        {
            await RestoreAsync(host);
        }
    }

    [LabFact]
    public async Task WhatOthersChangeIsPutRightInTheNextRound()
    {
        var host = Lab.Public;
        var network = await FoundWithNetworkAsync(host, """{ "longestSync": "00:00:00.500" }""");
        try
        {
            var gateway = $"blanket-{network.Vni}";
            foreach (var (change, whole) in new (string Change, string Whole)[]
            {
                ("ip link delete blanket0", "wg show blanket0 listen-port && ip -4 -o address show dev blanket0 | grep 10.213.0.1/"),
                ("ip address flush dev blanket0", "ip -4 -o address show dev blanket0 | grep 10.213.0.1/"),
                ("ip link set blanket0 down", "ip -o link show blanket0 up | grep blanket0"),
                ("echo 0 > /proc/sys/net/ipv4/conf/blanket0/forwarding", "grep 1 /proc/sys/net/ipv4/conf/blanket0/forwarding"),
                ("nft flush ruleset", "nft list table inet blanket | grep 14789 && nft list table bridge blanket | grep cards"),
                ("nft flush chain inet blanket input", "nft list table inet blanket | grep 14789"),
                ($"ip link delete bk{network.Vni}", $"ip -o link show vx{network.Vni} | grep 'master bk{network.Vni}'"),
                ($"ip link set vx{network.Vni} nomaster", $"ip -o link show vx{network.Vni} | grep 'master bk{network.Vni}'"),
                ($"ip netns delete {gateway}", $"ip -n {gateway} -4 -o address show dev lan | grep {network.Gateway}/"),
                ($"ip -n {gateway} address flush dev lan", $"ip -n {gateway} -4 -o address show dev lan | grep {network.Gateway}/"),
                ($"ip -n {gateway} route flush table main", $"ip -n {gateway} route show default | grep {(network.Services.Egress == Egress.None ? "unreachable" : "via")}"),
                ($"ip netns exec {gateway} nft flush ruleset", $"ip netns exec {gateway} nft list ruleset | grep blanket"),
                ($"systemctl stop blanket-names@{network.Vni}", $"systemctl is-active blanket-names@{network.Vni}"),
                ("echo > /var/lib/blanket/account/.ssh/authorized_keys; chmod 666 /var/lib/blanket/account/.ssh/authorized_keys", "stat -c %a /var/lib/blanket/account/.ssh/authorized_keys | grep 644"),
            })
            {
                await QuietAsync(host);
                await host.RunOrThrowAsync(["sh", "-c", change]);
                await Eventually.TrueAsync(async () => (await host.RunAsync(["sh", "-c", whole])).ExitCode == 0, $"it is put right: {change}");
            }
        }
        finally
        {
            await RestoreAsync(host);
        }
    }

    [LabFact]
    public async Task ALockThatIsHeldDoesNotDelayTheStop()
    {
        var host = Lab.Public;
        await TestFabric.FoundAsync(host);
        using (var channel = AgentLab.Connect(host))
        {
            FabricAgent.FabricAgentClient fabric = new(channel);
            using var hold = fabric.Hold(new HoldRequest { Name = "fabric", Holder = "one" });
            Assert.True(await hold.ResponseStream.MoveNext(Token));
            using var waiting = fabric.Hold(new HoldRequest { Name = "fabric", Holder = "other" });
            Assert.True(await waiting.ResponseStream.MoveNext(Token));
            var watch = Stopwatch.StartNew();
            await host.RunOrThrowAsync(["systemctl", "stop", "blanket-agent"]);
            Assert.InRange(watch.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(15)); // Kestrel waits 30 s for calls that don't end
            await Assert.ThrowsAsync<RpcException>(() => hold.ResponseStream.MoveNext(Token));
        }

        await host.RunOrThrowAsync(["systemctl", "start", "blanket-agent"]);
    }

    [LabFact]
    public async Task ADamagedFileKeepsTheAgentUpAndIsNamed()
    {
        var host = Lab.Public;
        await TestFabric.FoundAsync(host);
        var file = $"/var/lib/blanket/{TestFabric.Id}/fabric.json";
        await host.RunOrThrowAsync(["sh", "-c", $"systemctl stop blanket-agent; cp {file} /root/fabric.json; echo '{{' > {file}; systemctl start blanket-agent"]);
        var process = await AgentLab.ProcessAsync(host);
        using (var channel = AgentLab.Connect(host))
        {
            var refused = await Assert.ThrowsAsync<RpcException>(async () => await new FabricAgent.FabricAgentClient(channel).GetAsync(new()));
            Assert.Equal(StatusCode.FailedPrecondition, refused.StatusCode);
            Assert.Contains(file, refused.Status.Detail, StringComparison.Ordinal);
            await Eventually.TrueAsync(async () => (await host.RunOrThrowAsync(["journalctl", "-u", "blanket-agent", "-b", "-o", "cat"])).Contains($"{file} is damaged", StringComparison.Ordinal), "the log names it");
            Assert.Contains("blanket0", await host.RunOrThrowAsync(["ip", "-o", "link", "show", "blanket0"]), StringComparison.Ordinal);
            Assert.Equal(process, await AgentLab.ProcessAsync(host));

            // Restored, it is taken up without a restart.
            await host.RunOrThrowAsync(["cp", "/root/fabric.json", file]);
            Assert.Equal(TestFabric.Id, (await new FabricAgent.FabricAgentClient(channel).GetAsync(new())).Facts.FabricId);
        }
    }

    private static async Task<NetworkFacts> FoundWithNetworkAsync(LabHost host, string timeouts)
    {
        await TestFabric.FoundAsync(host);
        await host.RunOrThrowAsync(["mkdir", "-p", Path.GetDirectoryName(Timeouts)!]);
        await host.RunOrThrowAsync(["tee", Timeouts], timeouts, Token);
        await host.RunOrThrowAsync(["systemctl", "restart", "blanket-agent"]);
        Assert.Contains("longestSync", await host.RunOrThrowAsync(["journalctl", "-u", "blanket-agent", "-b", "-o", "cat"]), StringComparison.Ordinal);
        using var channel = AgentLab.Connect(host);
        return await new FabricRegistry.FabricRegistryClient(channel).PutNetworkAsync(new PutNetworkRequest
        {
            Name = "lan",
            Urn = "urn:network",
            Cidr = "10.50.0.0/24",
            Services = new NetworkServices { Dhcp = true, Dns = true, Domain = "test", Egress = Egress.Nat },
        });
    }

    private static async Task RestoreAsync(LabHost host)
    {
        await host.RunOrThrowAsync(["rm", "-f", Timeouts]);
        await host.RunOrThrowAsync(["systemctl", "restart", "blanket-agent"]);
    }

    /// <summary>What the agent has done once it has come to rest.</summary>
    private static async Task<(long ChildFaults, long WrittenBytes)> QuietAsync(LabHost host)
    {
        for (var last = await ReadAsync(host); ;)
        {
            await Task.Delay(TimeSpan.FromSeconds(1.5), Token);
            var now = await ReadAsync(host);
            if (now == last)
            {
                return now;
            }

            last = now;
        }
    }

    /// <summary>Page faults of the processes that it started and that have ended (proc(5): field 11 of stat, which no process is without), and bytes that it had written to a disk.</summary>
    private static async Task<(long ChildFaults, long WrittenBytes)> ReadAsync(LabHost host)
    {
        var process = await AgentLab.ProcessAsync(host);
        var stat = await host.RunOrThrowAsync(["cat", $"/proc/{process}/stat"]);
        var written = (await host.RunOrThrowAsync(["grep", "^write_bytes", $"/proc/{process}/io"])).Split(' ')[1];
        return (long.Parse(stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[8], CultureInfo.InvariantCulture), long.Parse(written, CultureInfo.InvariantCulture));
    }
}
