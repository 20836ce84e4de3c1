using System.Net.Sockets;
using Grpc.Core;
using Pulumi.Blanket.EndToEnd.Tests.Machines;
using Pulumi.Blanket.EndToEnd.Tests.Support;
using Pulumi.Blanket.Lab;
using Pulumi.Blanket.Lab.Guests;
using Pulumi.Blanket.Lab.Hosts;
using Pulumi.Blanket.Lab.Tests;
using Pulumi.Blanket.Lab.Tests.Support;
using Pulumi.Blanket.Libvirt.Wire;
using Pulumi.Blanket.Protocol;
using Pulumi.Blanket.Protocol.Values;

namespace Pulumi.Blanket.EndToEnd.Tests.Moving;

/// <summary>Moves under load with a fault at a random moment, then one plain `up`: the VM runs once, never twice, and lost nothing that it had to keep.</summary>
[Collection(nameof(FaultyMachineLab))]
public sealed class MoveFaultTests(FaultyMachineLab lab)
{
    private const int LongestMilliseconds = 4500;

    /// <summary>So many of a hundred faults strike the moment that the copy has arrived, or goes over to post-copy: where it is decided who has the machine.</summary>
    private const int AtSwitchPercent = 35;

    /// <summary>Slow enough for something to strike while memory is fetched.</summary>
    private const int PostCopyMiBps = 24;

    private static readonly TimeSpan SwitchPatience = TimeSpan.FromSeconds(30);

    [LabFact]
    [Trait("campaign", "yes")]
    public Task AMachineIsNeverLostNorRunTwice() => CampaignAsync("move-fault", few: 1, full: 500, MoveKind.Live);

    /// <summary>Two copies may run where the link breaks as a copy ends by itself: that is counted, and told.</summary>
    [LabFact]
    [Trait("campaign", "yes")]
    public Task AMachineThatMovesByPostCopyIsNotLost() => CampaignAsync("post-copy-fault", few: 1, full: 100, MoveKind.PostCopy);

    [LabFact]
    [Trait("campaign", "yes")]
    public Task AMachineThatMovesColdIsNeverLostNorRunTwice() => CampaignAsync("cold-fault", few: 1, full: 100, MoveKind.Cold);

    private async Task CampaignAsync(string name, int few, int full, MoveKind kind)
    {
        var byPostCopy = kind == MoveKind.PostCopy;
        var output = TestContext.Current.TestOutputHelper!;
        await using var machines = await lab.StartMachinesAsync();
        LabHost[] hosts = [lab.Aws, lab.Gcp];
        var program = machines.Program("rover");
        await machines.UpAsync("rover", program.With("host", hosts[0].Name));
        await machines.ReachWrittenAsync("rover");
        var id = machines.Stack["rover"].Id;
        MoveFaultTable table = new();
        var doubles = 0;
        await Seeds.RunAsync(name, few, full, async seed =>
        {
            Random random = new(seed);
            var fault = random.GetItems(Enum.GetValues<MoveFault>(), 1)[0];
            var delay = random.Next(100) < AtSwitchPercent ? (int?)null : random.Next(LongestMilliseconds);
            var source = machines.HostOf("rover");
            var target = hosts.Single(host => host != source);
            output.WriteLine($"  {fault} {(delay is null ? "at its switch" : $"after {delay} ms")}, from {source.Name} to {target.Name}");
            await using var beats = await Heartbeats.ListenAsync(hosts, $"bk{lab.Vni}", "10.60.0");
            await machines.LoadAsync("rover", memoryMiBps: random.Next(4), diskMiBps: random.Next(2), Heartbeats.IntervalMs);
            var before = await machines.ReachAsync("rover");
            await using var sampler = await RunSampler.StartAsync(hosts, id);
            var wish = program.With("host", target.Name);
            wish = kind switch
            {
                MoveKind.PostCopy => wish.With("migration", ObjectValue.Empty.With("postCopy", "always").With("bandwidthMiBps", PostCopyMiBps)),
                MoveKind.Cold => wish.With("migration", ObjectValue.Empty.With("mode", "cold")),
                _ => wish,
            };
            var moving = machines.UpAsync("rover", wish);
            await WaitAsync(delay, moving, kind switch
            {
                MoveKind.PostCopy => () => MoveRecords.PhaseAt(source, id) == "switching",
                MoveKind.Cold => () => MoveRecords.PhaseAt(source, id) == "handed over",
                _ => () => File.Exists(DefinitionAt(target, machines)),
            });
            var phase = MoveRecords.PhaseAt(source, id);
            await new MoveFaultStrike(lab.Lab, machines.Stack.Plugin, source, target, DomainOf(machines), sampler).StrikeAsync(fault);
            var outcome = "moved";
            try
            {
                await moving;
            }
            catch (Exception failure) when (failure is RpcException or IOException or SocketException or HttpRequestException)
            {
                outcome = "failed";
                output.WriteLine($"    {failure.Message}");
            }

            // One plain `up`, once the hosts have settled who has it.
            await Eventually.TrueAsync(async () => (await Task.WhenAll(hosts.Select(MoveRecords.CountAsync))).All(open => open == 0), "no move is open any more");
            await machines.Stack.ContinueWithAsync(await lab.StartPluginAsync(), MachineStack.SettingsOf(lab));
            await machines.UpAsync("rover", wish);
            Assert.Equal((target.Name, "running"), (machines.Stack["rover"].Text("location"), machines.Stack["rover"].Text("state")));

            // What it said to be on its disk, it has.
            var (silence, acknowledged) = beats.Read();
            var written = await machines.ReachWrittenAsync("rover");
            var after = await machines.ReachAsync("rover");
            var twice = await sampler.ReadDoublesAsync();
            Assert.True(byPostCopy || twice.Count == 0, $"it ran twice: {string.Join("; ", twice)}");
            if (twice.Count > 0)
            {
                doubles++;
                output.WriteLine($"    it ran twice: {string.Join("; ", twice)}");
            }

            Assert.True(written >= Math.Max(before.DiskCounter, acknowledged), $"the counter on the disk went from {Math.Max(before.DiskCounter, acknowledged)} back to {written}");
            var isWhole = kind != MoveKind.Cold && !MoveFaultStrike.LosesMemory(fault, byPostCopy);
            Assert.True(!isWhole || after.MemoryCounter > before.MemoryCounter, $"the counter in memory went from {before.MemoryCounter} back to {after.MemoryCounter}");
            await MachineStack.LeavesNothingAsync(source, id);
            table.Add(fault, phase, outcome, isWhole ? silence : null);
            output.WriteLine($"    struck while {phase}; the first `up` {outcome}{(isWhole ? $"; it stood still for {silence.TotalSeconds:0.0} s" : "")}");
        });
        output.WriteLine($"{table}\n{doubles} ran twice for a moment");
        await machines.DeleteAsync("rover");
    }

    [LabFact]
    public async Task AHostThatStaysDownHasNothingStartedElsewhere()
    {
        var token = TestContext.Current.CancellationToken;
        await using var machines = await lab.StartMachinesAsync();
        var program = machines.Program("rover").With("host", "gcp-1");
        var other = machines.Program("other").With("host", "onprem-1");
        await Task.WhenAll(machines.UpAsync("rover", program), machines.UpAsync("other", other));
        var written = await machines.ReachWrittenAsync("rover");
        var id = machines.Stack["rover"].Id;
        var moving = machines.UpAsync("rover", program.With("host", "aws-1").With("migration", ObjectValue.Empty.With("bandwidthMiBps", 2)));
        await Eventually.TrueAsync(() => Task.FromResult(machines.Messages.Contains("copying: ", StringComparison.Ordinal)), "it is being copied");
        await lab.Gcp.KillAsync(FaultTarget.Host, token);
        try
        {
            Assert.Contains("gcp-1", (await Assert.ThrowsAsync<RpcException>(() => moving)).Status.Detail, StringComparison.Ordinal);
            await machines.UpAsync("other", other.With("labels", ObjectValue.Empty.With("tier", "one")));
            var again = await Assert.ThrowsAsync<RpcException>(() => machines.UpAsync("rover", program.With("host", "aws-1")));
            Assert.Contains("gcp-1", again.Status.Detail, StringComparison.Ordinal);
            Assert.DoesNotContain("running", (await lab.Aws.RunAsync(["virsh", "domstate", id])).Output, StringComparison.Ordinal);
        }
        finally
        {
            await lab.Gcp.StartAsync(CancellationToken.None);
        }

        // It is back, and so is the machine; the same program moves it.
        await Eventually.TrueAsync(async () => await MoveRecords.CountAsync(lab.Gcp) + await MoveRecords.CountAsync(lab.Aws) == 0, "no move is open any more");
        await machines.Stack.ContinueWithAsync(await lab.StartPluginAsync(), MachineStack.SettingsOf(lab));
        await machines.UpAsync("rover", program.With("host", "aws-1"));
        Assert.Equal(("aws-1", "running"), (machines.Stack["rover"].Text("location"), machines.Stack["rover"].Text("state")));
        Assert.True(await machines.ReachWrittenAsync("rover") >= written, "the disk is what it was");
        await machines.DeleteAsync("rover", "other");
    }

    private static string DomainOf(MachineStack machines) => $"rover-{machines.Stack["rover"].Id[..8]}";

    /// <summary>libvirt writes it as the last step of its copy.</summary>
    private static string DefinitionAt(LabHost target, MachineStack machines) => target.PathInside($"/etc/libvirt/qemu/{DomainOf(machines)}.xml");

    private static async Task WaitAsync(int? delay, Task moving, Func<bool> switches)
    {
        if (delay is { } milliseconds)
        {
            await Task.WhenAny(moving, Task.Delay(milliseconds, TestContext.Current.CancellationToken));
            return;
        }

        for (var deadline = DateTime.UtcNow + SwitchPatience; !moving.IsCompleted && !switches() && DateTime.UtcNow < deadline;)
        {
            await Task.Delay(5, TestContext.Current.CancellationToken);
        }
    }
}
