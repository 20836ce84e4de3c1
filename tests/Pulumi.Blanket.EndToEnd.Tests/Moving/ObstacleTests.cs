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

/// <summary>Where there is no room, others are in the way, or a VM can't go as it is: it waits, goes round, trades places, goes cold, or is refused.</summary>
[Collection(nameof(DepartureLab))]
public sealed class ObstacleTests(DepartureLab lab)
{
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
            Assert.Matches("(?i)no space|disk is full|no room", full.Status.Detail);
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
