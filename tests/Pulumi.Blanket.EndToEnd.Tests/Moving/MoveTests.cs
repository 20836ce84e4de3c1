using System.Diagnostics;
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
using Pulumi.Blanket.Protocol.Contract;
using Pulumi.Blanket.Protocol.Values;

namespace Pulumi.Blanket.EndToEnd.Tests.Moving;

/// <summary>Another `host`, and the VM is there: with its address, its connections, its memory and its disk.</summary>
[Collection(nameof(MovingLab))]
public sealed class MoveTests(MovingLab lab)
{
    [LabFact]
    public async Task ALiveMoveIsNotNoticed()
    {
        await using var machines = await lab.StartMachinesAsync();
        var program = machines.Program("rover").With("host", "aws-1");
        await machines.UpAsync("rover", program);
        await machines.ReachAsync("rover");
        await machines.LoadAsync("rover", memoryMiBps: 2, diskMiBps: 1);
        await using var traffic = await SegmentTraffic.StartAsync(lab.BehindNat, $"bk{lab.Vni}", "10.60.0.240/24", machines.AddressOf("rover"));
        await traffic.FlowsAsync();

        // To another cloud, to one behind NAT, and back.
        List<TimeSpan> updates = [];
        foreach (var host in new[] { "gcp-1", "onprem-1", "aws-1" })
        {
            var moved = program.With("host", host);
            var before = await machines.ReachAsync("rover");
            Assert.Equal(["host"], await machines.PreviewAsync("rover", moved));
            Assert.Contains($"moves the VM from {machines.Stack["rover"].Text("location")} to {host}, live: up to ", machines.Messages, StringComparison.Ordinal);
            var old = machines.HostOf("rover");
            var watch = Stopwatch.StartNew();
            var rover = await machines.UpAsync("rover", moved);
            updates.Add(watch.Elapsed);
            Assert.Equal((host, host, "running"), (rover.Text("location"), rover.Text("settledHost"), rover.Text("state")));
            Assert.Equal("live", ((StringValue)((ObjectValue)rover["lastMigration"])["mode"]!.Bare).Text);
            await traffic.FlowsAsync();
            var after = await machines.ReachAsync("rover");
            Assert.True(after.MemoryCounter > before.MemoryCounter, $"the counter in memory went from {before.MemoryCounter} to {after.MemoryCounter}");
            Assert.True(after.DiskCounter > before.DiskCounter, $"the counter on the disk went from {before.DiskCounter} to {after.DiskCounter}");
            await MachineStack.LeavesNothingAsync(old, rover.Id);
            Assert.Empty(await machines.PreviewAsync("rover", moved));
        }

        // It answers nearly all the time while it moves. How long exactly it doesn't is for `make bench` to say: a busy machine stretches it.
        var silences = await traffic.ReadSilencesAsync();
        TestContext.Current.TestOutputHelper!.WriteLine($"without an answer to a ping: {string.Join(", ", silences.Take(5))} ms; moved in {string.Join(", ", updates)}");
        Assert.InRange(silences.Take(3).Sum(), 0, updates.Sum(update => update.TotalMilliseconds) / 3);
        await machines.DeleteAsync("rover");
    }

    [LabFact]
    public async Task OtherModesCarryItAsWell()
    {
        await using var machines = await lab.StartMachinesAsync();
        var program = machines.Program("rover");
        await machines.UpAsync("rover", program.With("host", "aws-1"));
        await machines.ReachWrittenAsync("rover");
        foreach (var (mode, host) in new[] { ("suspend", "onprem-1"), ("suspend", "gcp-1"), ("cold", "aws-1") })
        {
            var before = await machines.ReachAsync("rover");
            var old = machines.HostOf("rover");
            var rover = await machines.UpAsync("rover", program.With("host", host).With("migration", ObjectValue.Empty.With("mode", mode)));
            Assert.Equal((host, "running"), (rover.Text("location"), rover.Text("state")));
            await machines.ReachWrittenAsync("rover");
            var after = await machines.ReachAsync("rover");
            Assert.True(after.DiskCounter >= before.DiskCounter, $"the counter on the disk went from {before.DiskCounter} to {after.DiskCounter}");
            Assert.True(mode == "cold" || after.MemoryCounter > before.MemoryCounter, $"the counter in memory went from {before.MemoryCounter} to {after.MemoryCounter}");
            await MachineStack.LeavesNothingAsync(old, rover.Id);
        }

        await machines.DeleteAsync("rover");
    }

    [LabFact]
    public async Task TheOptionsOfALiveMoveWork()
    {
        await using var machines = await lab.StartMachinesAsync();
        var program = machines.Program("rover");
        await machines.UpAsync("rover", program.With("host", "aws-1"));
        await machines.ReachAsync("rover");
        foreach (var (host, migration) in new[]
        {
            ("gcp-1", ObjectValue.Empty.With("autoConverge", true).With("compression", true).With("downtimeMs", 500)),
            ("onprem-1", ObjectValue.Empty.With("connections", 2)),
            ("aws-1", ObjectValue.Empty.With("bandwidthMiBps", 16).With("timeoutSeconds", 1).With("onTimeout", "suspend")),
        })
        {
            var before = await machines.ReachAsync("rover");
            await machines.UpAsync("rover", program.With("host", host).With("migration", migration));
            Assert.Equal((host, "running"), (machines.Stack["rover"].Text("location"), machines.Stack["rover"].Text("state")));
            Assert.True((await machines.ReachAsync("rover")).MemoryCounter > before.MemoryCounter);
        }

        Assert.Contains("was not moved within 1 s", machines.Stack.Warnings, StringComparison.Ordinal);

        // Without it the time ends the move, and nothing else.
        var counted = await machines.ReachAsync("rover");
        var late = await Assert.ThrowsAsync<RpcException>(() => machines.UpAsync("rover", program.With("host", "gcp-1").With("migration", ObjectValue.Empty.With("bandwidthMiBps", 4).With("timeoutSeconds", 1))));
        Assert.All(["is where it was", "`migration.timeoutSeconds`"], part => Assert.Contains(part, late.Status.Detail, StringComparison.Ordinal));
        await machines.Stack.RefreshAsync("rover");
        Assert.Equal(("aws-1", "running"), (machines.Stack["rover"].Text("location"), machines.Stack["rover"].Text("state")));
        Assert.True((await machines.ReachAsync("rover")).MemoryCounter > counted.MemoryCounter);
        await machines.DeleteAsync("rover");
    }

    [LabFact]
    public async Task PostCopyEndsWhatTheGuestOutruns()
    {
        await using var machines = await lab.StartMachinesAsync();
        var program = machines.Program("rover").With("memoryMiB", 192);
        await machines.UpAsync("rover", program.With("host", "aws-1"));
        await machines.ReachWrittenAsync("rover");
        await machines.LoadAsync("rover", memoryMiBps: 16, diskMiBps: 1);
        await using var traffic = await SegmentTraffic.StartAsync(lab.BehindNat, $"bk{lab.Vni}", "10.60.0.240/24", machines.AddressOf("rover"));
        await traffic.FlowsAsync();
        foreach (var (host, postCopy, timeout) in new[] { ("gcp-1", "always", (int?)null), ("onprem-1", "onTimeout", 15) })
        {
            var moved = program.With("host", host).With("migration", ObjectValue.Empty.With("postCopy", postCopy).With("bandwidthMiBps", 8).With("timeoutSeconds", timeout is { } seconds ? new NumberValue(seconds) : NullValue.Instance));
            var before = await machines.ReachAsync("rover");
            await machines.PreviewAsync("rover", moved);
            Assert.Contains("leave migration.postCopy out", machines.Stack.Warnings, StringComparison.Ordinal);
            var old = machines.HostOf("rover");
            var rover = await machines.UpAsync("rover", moved);
            Assert.Equal((host, host, "running"), (rover.Text("location"), rover.Text("settledHost"), rover.Text("state")));
            Assert.Equal("post-copy", ((StringValue)((ObjectValue)rover["lastMigration"])["mode"]!.Bare).Text);
            Assert.Contains($"post-copy: rover goes on on {host}", machines.Messages, StringComparison.Ordinal);
            await traffic.FlowsAsync();
            var after = await machines.ReachAsync("rover");
            Assert.True(after.MemoryCounter > before.MemoryCounter, $"the counter in memory went from {before.MemoryCounter} to {after.MemoryCounter}");
            Assert.True(after.DiskCounter >= before.DiskCounter, $"the counter on the disk went from {before.DiskCounter} to {after.DiskCounter}");
            await MachineStack.LeavesNothingAsync(old, rover.Id);
        }

        // Ctrl-C comes too late once it runs there: what has begun is waited for, and told.
        await machines.LoadAsync("rover", memoryMiBps: 4, diskMiBps: 0);
        var counted = await machines.ReachAsync("rover");
        var moving = machines.UpAsync("rover", program.With("host", "aws-1").With("migration", ObjectValue.Empty.With("postCopy", "always").With("bandwidthMiBps", 8)));
        await Eventually.TrueAsync(() => Task.FromResult(machines.Messages.Contains("post-copy: rover goes on on aws-1", StringComparison.Ordinal)), "it is switched over");
        await machines.Stack.Plugin.Engine.Client.CancelAsync(new());
        await Assert.ThrowsAsync<RpcException>(() => moving);
        Assert.Contains("too late to cancel the move: the VM is on aws-1", string.Join('\n', machines.Stack["rover"].InitErrors), StringComparison.Ordinal);
        await machines.Stack.ContinueWithAsync(await lab.StartPluginAsync(), MachineStack.SettingsOf(lab));
        Assert.Equal(("aws-1", "running"), (machines.Stack["rover"].Text("location"), machines.Stack["rover"].Text("state")));
        Assert.True((await machines.ReachAsync("rover")).MemoryCounter > counted.MemoryCounter);
        await machines.DeleteAsync("rover");
    }

    [LabFact]
    public async Task WhatDoesNotRunMovesWithItsVolume()
    {
        await using var machines = await lab.StartMachinesAsync();
        var volume = await machines.Stack.UpAsync("Volume", "data", ObjectValue.Empty.With("name", "data").With("fabric", lab.Fabric).With("sizeGiB", 1).With("host", "gcp-1"));
        var program = machines.Program("rover").With("host", "gcp-1")
            .With("disks", new ArrayValue([ObjectValue.Empty.With("image", lab.Image), ObjectValue.Empty.With("volume", volume.Id)]));
        await machines.UpAsync("rover", program);
        await machines.ReachWrittenAsync("rover");
        await machines.UpAsync("rover", program.With("running", false));
        var old = machines.HostOf("rover");
        var rover = await machines.UpAsync("rover", program.With("running", false).With("host", "aws-1"));
        Assert.Equal(("aws-1", "stopped"), (rover.Text("location"), rover.Text("state")));
        await MachineStack.LeavesNothingAsync(old, rover.Id);
        await machines.Stack.RefreshAsync("data");
        Assert.Equal("aws-1", machines.Stack["data"].Text("location"));
        await machines.UpAsync("rover", program.With("host", "aws-1"));
        Assert.Equal(3, (await machines.ReachAsync("rover")).Disks.Count); // the third is the seed
        await machines.DeleteAsync("rover");
        await machines.Stack.DeleteAsync("data");
    }

    [LabFact]
    public async Task AMoveThatIsCancelledLeavesItWhereItWas()
    {
        await using var machines = await lab.StartMachinesAsync();
        var program = machines.Program("rover").With("host", "gcp-1");
        await machines.UpAsync("rover", program);
        var before = await machines.ReachAsync("rover");

        // Slow enough to be caught in the middle.
        var moving = machines.UpAsync("rover", program.With("host", "aws-1").With("migration", ObjectValue.Empty.With("bandwidthMiBps", 1)));
        await Eventually.TrueAsync(() => Task.FromResult(machines.Messages.Contains("copying: ", StringComparison.Ordinal)), "it is being copied");

        // The plugin is told to stop, as by Ctrl-C.
        await machines.Stack.Plugin.Engine.Client.CancelAsync(new());
        await Assert.ThrowsAsync<RpcException>(() => moving);
        await machines.Stack.ContinueWithAsync(await lab.StartPluginAsync(), MachineStack.SettingsOf(lab));
        await MachineStack.LeavesNothingAsync(lab.Aws, machines.Stack["rover"].Id);
        await machines.Stack.RefreshAsync("rover");
        Assert.Equal(("gcp-1", "running"), (machines.Stack["rover"].Text("location"), machines.Stack["rover"].Text("state")));
        Assert.True((await machines.ReachAsync("rover")).MemoryCounter > before.MemoryCounter);
        await machines.DeleteAsync("rover");
    }

    [LabFact]
    public async Task ALinkThatBlinksDoesNotFailIt()
    {
        await using var machines = await lab.StartMachinesAsync();
        var program = machines.Program("rover").With("host", "gcp-1");
        await machines.UpAsync("rover", program);
        var before = await machines.ReachAsync("rover");
        var moving = machines.UpAsync("rover", program.With("host", "aws-1").With("migration", ObjectValue.Empty.With("bandwidthMiBps", 4)));
        await Eventually.TrueAsync(() => Task.FromResult(machines.Messages.Contains("copying: ", StringComparison.Ordinal)), "it is being copied");
        await lab.Lab.CutAsync("gcp-1", "aws-1", TestContext.Current.CancellationToken);
        try
        {
            await Task.Delay(TimeSpan.FromSeconds(5), TestContext.Current.CancellationToken); // twice as long as is needed to notice it
        }
        finally
        {
            await lab.Lab.HealAsync("gcp-1", "aws-1", CancellationToken.None);
        }

        Assert.Equal("aws-1", (await moving).Text("location"));
        Assert.Matches("the way to aws-1 was cut: nothing that was sent there was acknowledged for [0-9.]+ s; all answer again: moving rover anew", machines.Messages);
        Assert.True((await machines.ReachAsync("rover")).MemoryCounter > before.MemoryCounter);
        await MachineStack.LeavesNothingAsync(lab.Gcp, machines.Stack["rover"].Id);
        await machines.DeleteAsync("rover");
    }

    [LabFact]
    public async Task ATargetThatIsOnlySlowIsWaitedFor()
    {
        await using var machines = await lab.StartMachinesAsync();
        var program = machines.Program("rover").With("host", "gcp-1");
        await machines.UpAsync("rover", program);
        var before = await machines.ReachAsync("rover");
        var moving = machines.UpAsync("rover", program.With("host", "aws-1").With("migration", ObjectValue.Empty.With("bandwidthMiBps", 4)));
        await Eventually.TrueAsync(() => Task.FromResult(machines.Messages.Contains("copying: ", StringComparison.Ordinal)), "it is being copied");

        // Its kernel goes on: only the agent stands still, until that is told.
        const string Told = "aws-1 is slow to answer, and takes what is sent: going on";
        await lab.Aws.RunOrThrowAsync(["systemctl", "kill", "--signal=STOP", "blanket-agent"]);
        try
        {
            await Eventually.TrueAsync(() => Task.FromResult(machines.Messages.Contains(Told, StringComparison.Ordinal)), "it is told that the target is slow");
        }
        finally
        {
            await lab.Aws.RunOrThrowAsync(["systemctl", "kill", "--signal=CONT", "blanket-agent"]);
        }

        Assert.Equal("aws-1", (await moving).Text("location"));

        // libvirt's own connection goes through that agent, and is over after 8 s: where all of this took so long, the copy begins anew, but no way was cut.
        Assert.DoesNotContain("was cut", machines.Messages, StringComparison.Ordinal);
        Assert.True((await machines.ReachAsync("rover")).MemoryCounter > before.MemoryCounter);
        await machines.DeleteAsync("rover");
    }

    [LabFact]
    public async Task ALibvirtdThatIsRestartedDoesNotFailIt()
    {
        await using var machines = await lab.StartMachinesAsync();
        var program = machines.Program("rover").With("migration", ObjectValue.Empty.With("bandwidthMiBps", 4));
        await machines.UpAsync("rover", program.With("host", "gcp-1"));
        var before = await machines.ReachAsync("rover");
        foreach (var host in new[] { "aws-1", "gcp-1" })
        {
            // Of the target first, then of the source: both times aws-1's.
            var told = machines.Stack.Messages.Count;
            var moving = machines.UpAsync("rover", program.With("host", host));
            await Eventually.TrueAsync(() => Task.FromResult(machines.Stack.Messages.Skip(told).Any(message => message.Message.Contains("copying: ", StringComparison.Ordinal))), "it is being copied");
            await lab.Aws.KillAsync(FaultTarget.Libvirtd, TestContext.Current.CancellationToken);
            Assert.Equal(host, (await moving).Text("location"));
            Assert.Contains(machines.Stack.Messages.Skip(told), message => message.Message.EndsWith("moving rover anew", StringComparison.Ordinal));
            Assert.True((await machines.ReachAsync("rover")).MemoryCounter > before.MemoryCounter);
        }

        // What a libvirtd leaves in QEMU that is killed as it begins.
        var cut = """{"execute":"blockdev-add","arguments":{"driver":"null-co","node-name":"migration-vda-storage"}}""";
        await machines.HostOf("rover").RunOrThrowAsync(["virsh", "qemu-monitor-command", machines.Stack["rover"].Id, cut]);
        await machines.UpAsync("rover", program.With("host", "aws-1"));
        Assert.Equal("aws-1", machines.Stack["rover"].Text("location"));
        Assert.True((await machines.ReachAsync("rover")).MemoryCounter > before.MemoryCounter);
        await machines.DeleteAsync("rover");
    }
}
