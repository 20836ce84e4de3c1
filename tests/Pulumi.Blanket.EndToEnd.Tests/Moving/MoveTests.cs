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
        foreach (var (mode, host) in new[] { ("suspend", "onprem-1"), ("suspend", "gcp-1"), ("cold", "onprem-1"), ("cold", "aws-1") })
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

        // Its kernel goes on: only the agent stands still, for longer than any answer may take, and for less than libvirt's own connection, which goes through it, outlasts.
        await lab.Aws.RunOrThrowAsync(["systemctl", "kill", "--signal=STOP", "blanket-agent"]);
        try
        {
            await Task.Delay(TimeSpan.FromSeconds(5.5), TestContext.Current.CancellationToken);
        }
        finally
        {
            await lab.Aws.RunOrThrowAsync(["systemctl", "kill", "--signal=CONT", "blanket-agent"]);
        }

        Assert.Equal("aws-1", (await moving).Text("location"));
        Assert.Contains("aws-1 is slow to answer, and takes what is sent: going on", machines.Messages, StringComparison.Ordinal);
        Assert.DoesNotContain("anew", machines.Messages, StringComparison.Ordinal);
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

    [LabFact]
    public async Task RoomIsWaitedForWhileOthersLeave()
    {
        await using var machines = await lab.StartMachinesAsync();
        var memory = ((NumberValue)((ObjectValue)lab.Owner.Stack["aws-1"]["capacity"].Bare)["memoryMiB"]!.Bare).Number;
        ObjectValue Program(string name, string host) => machines.Program(name).With("memoryMiB", Math.Floor(memory * 0.6)).With("running", false).With("host", host);
        await Task.WhenAll(machines.UpAsync("first", Program("first", "aws-1")), machines.UpAsync("second", Program("second", "gcp-1")));

        // The one that needs the room asks first.
        var second = machines.UpAsync("second", Program("second", "aws-1"));
        await Eventually.TrueAsync(() => Task.FromResult(machines.Messages.Contains("has no room on aws-1: ", StringComparison.Ordinal)), "it waits");
        await machines.UpAsync("first", Program("first", "onprem-1"));
        Assert.Equal(("aws-1", "onprem-1"), ((await second).Text("location"), machines.Stack["first"].Text("location")));

        // Two that trade places: the smaller one goes by way of the third host.
        await machines.UpAsync("second", Program("second", "aws-1").With("memoryMiB", Math.Floor(memory * 0.55)));
        await Task.WhenAll(machines.UpAsync("first", Program("first", "aws-1")), machines.UpAsync("second", Program("second", "onprem-1").With("memoryMiB", Math.Floor(memory * 0.55))));
        Assert.Equal(("aws-1", "onprem-1"), (machines.Stack["first"].Text("location"), machines.Stack["second"].Text("location")));
        Assert.Equal(("aws-1", "onprem-1"), (machines.Stack["first"].Text("settledHost"), machines.Stack["second"].Text("settledHost")));
        Assert.Contains("second goes by way of gcp-1", machines.Messages, StringComparison.Ordinal);

        // With that one full the smaller one lets the other one go first, since it does not run.
        await machines.UpAsync("third", Program("third", "gcp-1"));
        await Task.WhenAll(machines.UpAsync("first", Program("first", "onprem-1")), machines.UpAsync("second", Program("second", "aws-1").With("memoryMiB", Math.Floor(memory * 0.55))));
        Assert.Equal(("onprem-1", "aws-1"), (machines.Stack["first"].Text("location"), machines.Stack["second"].Text("location")));
        Assert.Contains("second stands still, and first goes first", machines.Messages, StringComparison.Ordinal);
        await machines.DeleteAsync("first", "second", "third");
    }

    [LabFact]
    public async Task TwoTradePlacesWithoutAThirdHostIfOneMayStandStill()
    {
        const int Capacity = 512;
        await using var machines = await lab.StartMachinesAsync();
        ObjectValue Program(string name, string host, double part) => machines.Program(name).With("memoryMiB", Math.Floor(Capacity * part)).With("host", host);
        ObjectValue Still(string host) => Program("still", host, 0.6).With("migration", ObjectValue.Empty.With("mode", "suspend"));
        await LimitAsync(ObjectValue.Empty.With("memoryMiB", Capacity));
        try
        {
            await Task.WhenAll(
                machines.UpAsync("still", Program("still", "aws-1", 0.6)), machines.UpAsync("lively", Program("lively", "onprem-1", 0.55)), machines.UpAsync("third", Program("third", "gcp-1", 0.6).With("running", false)));
            var before = await Task.WhenAll(machines.ReachAsync("still"), machines.ReachAsync("lively"));

            // Where neither may, each is told what is in its way, also the one that gives up last; and nothing moves.
            var hasty = machines.UpAsync("still", Program("still", "onprem-1", 0.6));
            await Task.Delay(TimeSpan.FromSeconds(3), TestContext.Current.CancellationToken);
            var trades = new[] { hasty, machines.UpAsync("lively", Program("lively", "aws-1", 0.55)) };
            foreach (var (trade, host, other) in trades.Zip(["onprem-1", "aws-1"], ["lively", "still"]))
            {
                var refused = (await Assert.ThrowsAsync<RpcException>(() => trade)).Status.Detail;
                Assert.All([$"has no room on {host}: ", other, "`migration.mode: suspend`"], part => Assert.Contains(part, refused, StringComparison.Ordinal));
            }

            // It is the larger one that may, and it does not lose what it has in memory.
            await Task.WhenAll(machines.UpAsync("still", Still("onprem-1")), machines.UpAsync("lively", Program("lively", "aws-1", 0.55)));
            Assert.Contains("still stands still, and lively goes first", machines.Messages, StringComparison.Ordinal);
            var after = await Task.WhenAll(machines.ReachAsync("still"), machines.ReachAsync("lively"));
            foreach (var (name, host, mode, place) in new[] { ("still", "onprem-1", "suspend", 0), ("lively", "aws-1", "live", 1) })
            {
                var machine = machines.Stack[name];
                Assert.Equal((host, host, "running", mode), (machine.Text("location"), machine.Text("settledHost"), machine.Text("state"), ((StringValue)((ObjectValue)machine["lastMigration"].Bare)["mode"]!.Bare).Text));
                Assert.True(after[place].MemoryCounter > before[place].MemoryCounter, $"the counter in memory of {name} went from {before[place].MemoryCounter} to {after[place].MemoryCounter}");
            }

            await MachineStack.LeavesNothingAsync(lab.Aws, machines.Stack["still"].Id);
            await MachineStack.LeavesNothingAsync(lab.BehindNat, machines.Stack["lively"].Id);

            // One that somebody has put to sleep by hand takes its memory along, too.
            await machines.DeleteAsync("third");
            await machines.HostOf("still").RunOrThrowAsync(["virsh", "managedsave", machines.Stack["still"].Id]);
            await machines.UpAsync("still", Still("gcp-1"));
            Assert.Equal(("gcp-1", "running"), (machines.Stack["still"].Text("location"), machines.Stack["still"].Text("state")));
            Assert.True((await machines.ReachAsync("still")).MemoryCounter > after[0].MemoryCounter);
            await machines.DeleteAsync("still", "lively");
        }
        finally
        {
            await LimitAsync(null);
        }
    }

    [LabFact]
    public async Task OneThatLetAnotherGoFirstAndIsStoppedFollowsWithTheNextUpdate()
    {
        const int Capacity = 512;
        await using var one = await lab.StartMachinesAsync();
        await using var other = await lab.StartMachinesAsync();
        ObjectValue Program(string name, string host, ObjectValue migration) => one.Program(name).With("memoryMiB", Math.Floor(Capacity * 0.6)).With("host", host).With("migration", migration);
        var suspend = ObjectValue.Empty.With("mode", "suspend");
        var slow = ObjectValue.Empty.With("bandwidthMiBps", 8);
        await LimitAsync(ObjectValue.Empty.With("memoryMiB", Capacity));
        try
        {
            await Task.WhenAll(
                one.UpAsync("still", Program("still", "aws-1", suspend)), one.UpAsync("third", Program("third", "gcp-1", slow).With("running", false)), other.UpAsync("lively", Program("lively", "onprem-1", slow)));
            var before = await one.ReachAsync("still");
            var following = one.UpAsync("still", Program("still", "onprem-1", suspend));
            var going = other.UpAsync("lively", Program("lively", "aws-1", slow));
            await Eventually.TrueAsync(() => Task.FromResult(other.Messages.Contains("copying: ", StringComparison.Ordinal)), "the other one goes first");
            await one.Stack.Plugin.Engine.Client.CancelAsync(new());
            await Assert.ThrowsAsync<RpcException>(() => following);
            Assert.Equal("aws-1", (await going).Text("location"));

            // Its place is taken by then: it waits for the next update, and has lost nothing.
            await Eventually.TrueAsync(async () => await MoveRecords.CountAsync(lab.Aws) == 0, "no move is open any more");
            Assert.Equal("shut off", (await lab.Aws.RunOrThrowAsync(["virsh", "domstate", one.Stack["still"].Id])).Trim());

            await one.Stack.ContinueWithAsync(await lab.StartPluginAsync(), MachineStack.SettingsOf(lab));
            await one.UpAsync("still", Program("still", "onprem-1", suspend));
            Assert.Equal(("onprem-1", "running"), (one.Stack["still"].Text("location"), one.Stack["still"].Text("state")));
            Assert.True((await one.ReachAsync("still")).MemoryCounter > before.MemoryCounter);
            await Task.WhenAll(one.DeleteAsync("still", "third"), other.DeleteAsync("lively"));
        }
        finally
        {
            await LimitAsync(null);
        }
    }

    [LabFact]
    public async Task WhatCannotGoLiveGoesColdIfThatIsAllowed()
    {
        const string Qemu = "/usr/bin/qemu-system-x86_64";
        await using var machines = await lab.StartMachinesAsync();
        var program = machines.Program("rover").With("host", "gcp-1");
        await machines.UpAsync("rover", program);
        var written = await machines.ReachWrittenAsync("rover");
        var before = await machines.ReachAsync("rover");

        // A QEMU at the target that does not understand the state of the one here, as an older one would not.
        var lenient = $"""
            #!/bin/sh
            case " $* " in
                *" -incoming "*) exec {Qemu}.real "$@" -global migration.send-section-footer=off ;;
                *) exec {Qemu}.real "$@" ;;
            esac
            """;
        await lab.Aws.RunOrThrowAsync(["sh", "-c", $"mv {Qemu} {Qemu}.real && cat > {Qemu} && chmod 755 {Qemu}"], lenient);
        try
        {
            var refused = (await Assert.ThrowsAsync<RpcException>(() => machines.UpAsync("rover", program.With("host", "aws-1")))).Status.Detail;
            Assert.All(["is where it was", "load of migration failed", "`migration.mode: cold`", "`migration.allowOffline: true`"], part => Assert.Contains(part, refused, StringComparison.Ordinal));
            Assert.True((await machines.ReachAsync("rover")).MemoryCounter > before.MemoryCounter);

            // Neither does it understand what was saved, which only its start tells: it comes back, with its memory.
            await lab.Gcp.RunOrThrowAsync(["virsh", "managedsave", machines.Stack["rover"].Id]);
            var unstartable = (await Assert.ThrowsAsync<RpcException>(() => machines.UpAsync("rover", program.With("host", "aws-1")))).Status.Detail;
            Assert.Contains("could not be started there", unstartable, StringComparison.Ordinal);
            await MachineStack.LeavesNothingAsync(lab.Aws, machines.Stack["rover"].Id);
            await Eventually.TrueAsync(async () => await MoveRecords.CountAsync(lab.Gcp) == 0, "the move is closed");
            await machines.Stack.RefreshAsync("rover");
            Assert.Equal(("gcp-1", "stopped"), (machines.Stack["rover"].Text("location"), machines.Stack["rover"].Text("state")));
            await machines.UpAsync("rover", program);
            Assert.True((await machines.ReachAsync("rover")).MemoryCounter > before.MemoryCounter);

            await machines.UpAsync("rover", program.With("host", "aws-1").With("migration", ObjectValue.Empty.With("allowOffline", true)));
            Assert.Equal(("aws-1", "running"), (machines.Stack["rover"].Text("location"), machines.Stack["rover"].Text("state")));
            Assert.Equal("cold", ((StringValue)((ObjectValue)machines.Stack["rover"]["lastMigration"].Bare)["mode"]!.Bare).Text);
            Assert.Contains("`migration.allowOffline`", machines.Stack.Warnings, StringComparison.Ordinal);
            Assert.True(await machines.ReachWrittenAsync("rover") >= written, "its disk is what it was");
        }
        finally
        {
            await lab.Aws.RunOrThrowAsync(["mv", $"{Qemu}.real", Qemu]);
        }

        await machines.DeleteAsync("rover");
    }

    [LabFact]
    public async Task TwoStacksMoveOnOneFabricAtOnce()
    {
        await using var one = await lab.StartMachinesAsync();
        await using var other = await lab.StartMachinesAsync();
        ObjectValue Program(string name, string host) => one.Program(name).With("host", host);
        await Task.WhenAll(one.UpAsync("east", Program("east", "aws-1")), other.UpAsync("west", Program("west", "gcp-1")));
        var before = await Task.WhenAll(one.ReachAsync("east"), other.ReachAsync("west"));
        await Task.WhenAll(one.UpAsync("east", Program("east", "gcp-1")), other.UpAsync("west", Program("west", "aws-1")));
        Assert.Equal(("gcp-1", "aws-1"), (one.Stack["east"].Text("location"), other.Stack["west"].Text("location")));
        var after = await Task.WhenAll(one.ReachAsync("east"), other.ReachAsync("west"));
        Assert.All(before.Zip(after), counted => Assert.True(counted.Second.MemoryCounter > counted.First.MemoryCounter));

        // Of two that want the same room one gets it; the other is told, and is where it was.
        var memory = ((NumberValue)((ObjectValue)lab.Owner.Stack["aws-1"]["capacity"].Bare)["memoryMiB"]!.Bare).Number;
        ObjectValue Large(string name, string host) => Program(name, host).With("memoryMiB", Math.Floor(memory * 0.6)).With("running", false);
        await Task.WhenAll(one.UpAsync("east", Large("east", "aws-1")), other.UpAsync("west", Large("west", "gcp-1")));
        var moves = await Task.WhenAll(new[] { (Stack: one, Name: "east"), (Stack: other, Name: "west") }.Select(async wish =>
        {
            try
            {
                return (await wish.Stack.UpAsync(wish.Name, Large(wish.Name, "onprem-1"))).Text("location");
            }
            catch (RpcException refused)
            {
                Assert.Contains($"{wish.Name} has no room on onprem-1: ", refused.Status.Detail, StringComparison.Ordinal);
                await wish.Stack.Stack.RefreshAsync(wish.Name);
                return wish.Stack.Stack[wish.Name].Text("location");
            }
        }));
        Assert.Single(moves, "onprem-1");
        Assert.Single(moves, host => host is "aws-1" or "gcp-1");
        await Task.WhenAll(one.DeleteAsync("east"), other.DeleteAsync("west"));
    }

    [LabFact]
    public async Task WhatCannotBeIsRefusedAndNothingChanges()
    {
        await using var machines = await lab.StartMachinesAsync();
        var program = machines.Program("rover").With("host", "gcp-1");
        await machines.UpAsync("rover", program);
        var estimate = await EstimateAsync("aws-1");
        Assert.Equal(("gcp-1", "live", true), (Text("location"), Text("mode"), ((BoolValue)estimate["canFit"]!).Truth));
        Assert.InRange(((NumberValue)estimate["memoryMiB"]!).Number, 10, 140);
        Assert.Null(estimate["seconds"]); // it never moved
        Assert.Contains("mars-1", (await Assert.ThrowsAsync<RpcException>(() => EstimateAsync("mars-1"))).Status.Detail, StringComparison.Ordinal);
        var unknown = await Assert.ThrowsAsync<RpcException>(() => machines.PreviewAsync("rover", program.With("host", "mars-1")));
        Assert.All(["mars-1", "aws-1", "gcp-1", "onprem-1"], name => Assert.Contains(name, unknown.Status.Detail, StringComparison.Ordinal));

        // The target's disk is full, of which the registry knows nothing.
        await lab.Aws.FillDiskAsync(cancellationToken: TestContext.Current.CancellationToken);
        try
        {
            var full = await Assert.ThrowsAsync<RpcException>(() => machines.UpAsync("rover", program.With("host", "aws-1")));
            Assert.Matches("(?i)no space|disk is full", full.Status.Detail);
        }
        finally
        {
            await lab.Aws.FreeDiskAsync(TestContext.Current.CancellationToken);
        }

        await machines.Stack.RefreshAsync("rover");
        Assert.Equal(("gcp-1", "running"), (machines.Stack["rover"].Text("location"), machines.Stack["rover"].Text("state")));
        await Eventually.TrueAsync(async () => !(await MachineStack.LeftAsync(lab.Aws)).Contains(machines.Stack["rover"].Id, StringComparison.Ordinal), "nothing of it stays at the target");
        await machines.DeleteAsync("rover");

        string Text(string property) => ((StringValue)estimate[property]!).Text;
        async Task<ObjectValue> EstimateAsync(string host) => PropertyCodec.DecodeObject((await machines.Stack.Plugin.Engine.Client.InvokeAsync(new InvokeRequest
        {
            Tok = "blanket:index:estimateMigration",
            Args = PropertyCodec.EncodeObject(ObjectValue.Empty.With("fabric", lab.Fabric).With("virtualMachine", machines.Stack["rover"].Id).With("host", host)),
        })).Return);
    }

    private Task LimitAsync(ObjectValue? limit) => Task.WhenAll(new[] { lab.Aws, lab.Gcp, lab.BehindNat }.Select(async host =>
    {
        var program = lab.RoomyHost(host);
        await lab.Owner.Stack.UpAsync("Host", host.Name, limit is null ? program : program.With("limit", limit));
    }));
}
