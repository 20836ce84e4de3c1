using Grpc.Core;
using Pulumi.Blanket.EndToEnd.Tests.Machines;
using Pulumi.Blanket.EndToEnd.Tests.Support;
using Pulumi.Blanket.Lab;
using Pulumi.Blanket.Lab.Hosts;
using Pulumi.Blanket.Lab.Tests;
using Pulumi.Blanket.Lab.Tests.Support;
using Pulumi.Blanket.Libvirt.Wire;
using Pulumi.Blanket.Protocol;
using Pulumi.Blanket.Protocol.Values;

namespace Pulumi.Blanket.EndToEnd.Tests.Moving;

/// <summary>Hosts go, and what is on them goes elsewhere first: in the order of an `up`, that is fabric, machines, host.</summary>
[Collection(nameof(DepartureLab))]
public sealed class DepartureTests(DepartureLab lab)
{
    [LabFact]
    public async Task AHostThatIsTakenOutIsEmptiedAndGivenBack()
    {
        var before = await CloudLabBase.SnapshotAsync(lab.Spare);
        var owner = lab.Owner.Stack;
        await owner.UpAsync("Host", "spare-1", lab.RoomyHost(lab.Spare));
        await owner.UpAsync("Fabric", "fabric", lab.Owner.Program(lab.Aws, lab.Gcp, lab.BehindNat, lab.Spare));
        await using var machines = await lab.StartMachinesAsync();
        var (told, free, off) = (machines.Program("told").With("host", "spare-1"), machines.Program("free").With("host", "spare-1"), machines.Program("off").With("host", "spare-1").With("running", false));
        await Task.WhenAll(machines.UpAsync("told", told), machines.UpAsync("free", free), machines.UpAsync("off", off));
        free = machines.Program("free"); // as one whose host was chosen for it
        await machines.UpAsync("free", free);
        var counted = await machines.ReachAsync("free");

        // As long as a program has it in its fabric it is not given back.
        Assert.Contains("take it out of the `hosts`", (await Assert.ThrowsAsync<RpcException>(() => owner.DeleteAsync("spare-1"))).Status.Detail, StringComparison.Ordinal);

        var without = lab.Owner.Program(lab.Aws, lab.Gcp, lab.BehindNat);
        await owner.PreviewAsync("Fabric", "fabric", without);
        var preview = string.Join('\n', owner.Messages.Select(message => message.Message));
        Assert.All(["told", "free", "off"], name => Assert.Contains($"{name}-{machines.Stack[name].Id[..8]}", preview, StringComparison.Ordinal));
        await owner.UpAsync("Fabric", "fabric", without);
        Assert.Equal("departing", lab.Owner.Members["spare-1"]);

        await machines.UpAsync("told", told.With("host", "aws-1"));

        // The deletion is stopped as by Ctrl-C: the host stays what it was, and so does its machine.
        var emptying = owner.DeleteAsync("spare-1");
        await Eventually.TrueAsync(() => Task.FromResult(owner.Messages.Any(message => message.Message.Contains("moving its VMs away", StringComparison.Ordinal))), "it is being emptied");
        await owner.Plugin.Engine.Client.CancelAsync(new());
        await Assert.ThrowsAsync<RpcException>(() => emptying);
        await owner.ContinueWithAsync(await lab.StartPluginAsync(), lab.Settings);
        await lab.Spare.RunOrThrowAsync(["virsh", "domstate", machines.Stack["free"].Id]);

        await owner.DeleteAsync("spare-1");
        Assert.Equal(before, await CloudLabBase.SnapshotAsync(lab.Spare));
        await owner.RefreshAsync("fabric");
        Assert.Equal(["aws-1", "gcp-1", "onprem-1"], lab.Owner.Members.Keys.Order(StringComparer.Ordinal));
        Assert.Empty((await owner.PreviewAsync("Fabric", "fabric", without))!);

        // It ran on, the other stayed off; neither asks for anything.
        await Task.WhenAll(machines.Stack.RefreshAsync("free"), machines.Stack.RefreshAsync("off"));
        Assert.DoesNotContain("spare-1", new[] { machines.Stack["free"].Text("location"), machines.Stack["off"].Text("location") });
        Assert.Equal(("running", "stopped"), (machines.Stack["free"].Text("state"), machines.Stack["off"].Text("state")));
        Assert.True((await machines.ReachAsync("free")).MemoryCounter > counted.MemoryCounter);
        Assert.Empty(await machines.PreviewAsync("free", free));
        Assert.Empty(await machines.PreviewAsync("off", off));
        await machines.DeleteAsync("told", "free", "off");
    }

    [LabFact]
    public async Task AHostThatIsReplacedHandsOnItsNameAndItsMachines()
    {
        const string Name = "edge";
        var before = await Task.WhenAll(CloudLabBase.SnapshotAsync(lab.Spare), CloudLabBase.SnapshotAsync(lab.OtherSpare));
        var owner = lab.Owner.Stack;
        await owner.UpAsync("Host", Name, lab.RoomyHost(lab.Spare).With("name", Name).With("machine", "i-1"));
        await owner.UpAsync("Fabric", "fabric", Fabric(Name));
        await using var machines = await lab.StartMachinesAsync();
        machines.Renamed[Name] = lab.Spare;
        var network = ObjectValue.Empty.With("name", "pinned").With("fabric", lab.Fabric).With("cidr", "10.71.0.0/24").With("egress", Name);
        await machines.Stack.UpAsync("Network", "pinned", network);
        var program = machines.Program("rover").With("host", Name);
        await machines.UpAsync("rover", program);
        var counted = await machines.ReachAsync("rover");

        // The new one is made first, by the same name.
        var replacement = lab.RoomyHost(lab.OtherSpare).With("name", Name).With("machine", "i-2");
        Assert.Contains("machine", (await owner.PreviewAsync("Host", Name, replacement))!);
        var old = owner.SetAside(Name);
        await owner.UpAsync("Host", Name, replacement);
        await owner.UpAsync("Fabric", "fabric", Fabric(Name));
        Assert.Equal(("active", "departing"), (lab.Owner.Members[Name], lab.Owner.Members[$"{Name}-{old.Id[..8]}"]));
        Assert.Empty(await machines.PreviewAsync("rover", program));
        await owner.DeleteAsync(old);

        machines.Renamed[Name] = lab.OtherSpare;
        await machines.Stack.RefreshAsync("rover");
        Assert.Equal((Name, Name, "running"), (machines.Stack["rover"].Text("location"), machines.Stack["rover"].Text("settledHost"), machines.Stack["rover"].Text("state")));
        Assert.True((await machines.ReachAsync("rover")).MemoryCounter > counted.MemoryCounter);
        await machines.Stack.RefreshAsync("pinned");
        Assert.Empty((await machines.Stack.PreviewAsync("Network", "pinned", network))!);
        Assert.Equal(before[0], await CloudLabBase.SnapshotAsync(lab.Spare));

        await machines.DeleteAsync("rover");
        await machines.Stack.DeleteAsync("pinned");
        await owner.UpAsync("Fabric", "fabric", Fabric());
        await owner.DeleteAsync(Name);
        Assert.Equal(before[1], await CloudLabBase.SnapshotAsync(lab.OtherSpare));
    }

    [LabFact]
    public async Task WhatHasNoRoomElsewhereKeepsItsHost()
    {
        var owner = lab.Owner.Stack;
        await owner.UpAsync("Host", "spare-2", lab.RoomyHost(lab.OtherSpare));
        await owner.UpAsync("Fabric", "fabric", lab.Owner.Program(lab.Aws, lab.Gcp, lab.BehindNat, lab.OtherSpare));
        await using var machines = await lab.StartMachinesAsync();
        var memory = ((NumberValue)((ObjectValue)owner["spare-2"]["capacity"].Bare)["memoryMiB"]!.Bare).Number;
        ObjectValue Large(string name, string host) => machines.Program(name).With("memoryMiB", Math.Floor(memory * 0.6)).With("running", false).With("host", host);
        await Task.WhenAll(lab.Owner.Members.Keys.Select(host => machines.UpAsync($"on-{host}", Large($"on-{host}", host))));
        await owner.UpAsync("Fabric", "fabric", lab.Owner.Program(lab.Aws, lab.Gcp, lab.BehindNat));
        var refused = (await Assert.ThrowsAsync<RpcException>(() => owner.DeleteAsync("spare-2"))).Status.Detail;
        Assert.All(["on-spare-2", "aws-1", "gcp-1", "onprem-1", "nothing was moved"], part => Assert.Contains(part, refused, StringComparison.Ordinal));
        await machines.Stack.RefreshAsync("on-spare-2");
        Assert.Equal("spare-2", machines.Stack["on-spare-2"].Text("location"));

        // Room is made, and the same deletion goes through.
        await machines.Stack.DeleteAsync("on-gcp-1");
        await owner.DeleteAsync("spare-2");
        await machines.Stack.RefreshAsync("on-spare-2");
        Assert.Equal("gcp-1", machines.Stack["on-spare-2"].Text("location"));
        await machines.DeleteAsync("on-aws-1", "on-onprem-1", "on-spare-2");
    }

    /// <summary>The target has said nothing yet, and never will: what the source still has is all there is.</summary>
    [LabFact]
    public async Task AMachineThatWasHandedOverToAHostThatIsLostGoesOnWhereItWas()
    {
        const int MostAttempts = 6;
        var lost = new ArrayValue(["spare-1"]);
        var before = await CloudLabBase.SnapshotAsync(lab.Spare);
        var owner = lab.Owner.Stack;
        await owner.UpAsync("Host", "spare-1", lab.RoomyHost(lab.Spare));
        await owner.UpAsync("Fabric", "fabric", Fabric("spare-1"));
        await using var machines = await lab.StartMachinesAsync();
        var program = machines.Program("rover").With("host", "gcp-1");
        await machines.UpAsync("rover", program);
        var written = await machines.ReachWrittenAsync("rover");
        var id = machines.Stack["rover"].Id;
        var attempt = 1;
        var moving = machines.UpAsync("rover", program.With("host", "spare-1"));
        for (; !await FreezesAsHandedOverAsync(moving, id) && attempt < MostAttempts; attempt++)
        {
            await moving;
            await machines.UpAsync("rover", program);
            written = await machines.ReachWrittenAsync("rover");
            moving = machines.UpAsync("rover", program.With("host", "spare-1"));
        }

        Assert.True(attempt < MostAttempts, "the moment between the hand-over and the answer was missed every time");
        try
        {
            Assert.Contains("handed over to spare-1", (await Assert.ThrowsAsync<RpcException>(() => moving)).Status.Detail, StringComparison.Ordinal);

            // Nobody starts it anywhere, until the user says that the host will not come back.
            Assert.DoesNotContain("running", (await lab.Gcp.RunAsync(["virsh", "domstate", id])).Output, StringComparison.Ordinal);
            await owner.ContinueWithAsync(await lab.StartPluginAsync(), lab.Settings.With("lostHosts", lost));
            await owner.UpAsync("Fabric", "fabric", Fabric());
            await Eventually.TrueAsync(async () => await MoveRecords.CountAsync(lab.Gcp) == 0, "the source has taken it back");
            await machines.Stack.ContinueWithAsync(await lab.StartPluginAsync(), MachineStack.SettingsOf(lab).With("lostHosts", lost));
            await machines.UpAsync("rover", program);
            Assert.Equal(("gcp-1", "running"), (machines.Stack["rover"].Text("location"), machines.Stack["rover"].Text("state")));
            Assert.True(await machines.ReachWrittenAsync("rover") >= written, "its disk is what it was");
            await machines.DeleteOnlyAsync("rover");
        }
        finally
        {
            await lab.Spare.ThawAsync(FaultTarget.Host, CancellationToken.None);
            await lab.Spare.KillAsync(FaultTarget.Host, CancellationToken.None);
            await lab.Spare.StartAsync(CancellationToken.None);
            await owner.ContinueWithAsync(await lab.StartPluginAsync(), lab.Settings);
        }

        // The host comes back after all: what is on it is nobody's, and goes by hand.
        await Eventually.TrueAsync(async () => (await lab.Spare.RunAsync(["sh", "-c", $"virsh destroy {id}; virsh undefine {id}; virsh list --all --uuid"])) is { ExitCode: 0, Output: var left } && !left.Contains(id, StringComparison.Ordinal), "the copy is gone");
        await lab.Spare.RunOrThrowAsync(["sh", "-c", $"blanket-agent leave && rm -f /var/lib/blanket/pool/{id}-*"]);
        await owner.DeleteAsync("spare-1");
        Assert.Equal(before, await CloudLabBase.SnapshotAsync(lab.Spare));
    }

    /// <summary>Stops the target where it is as soon as the source has handed over.</summary>
    /// <returns>False where the target's answer was faster.</returns>
    private async Task<bool> FreezesAsHandedOverAsync(Task moving, string id)
    {
        while (!moving.IsCompleted && MoveRecords.PhaseAt(lab.Gcp, id) != "handed over")
        {
            await Task.Delay(1, CancellationToken.None);
        }

        await lab.Spare.FreezeAsync(FaultTarget.Host, CancellationToken.None);
        await Task.Delay(500, CancellationToken.None);
        if (MoveRecords.PhaseAt(lab.Gcp, id) == "handed over")
        {
            return true;
        }

        await lab.Spare.ThawAsync(FaultTarget.Host, CancellationToken.None);
        return false;
    }

    /// <summary>The lab's fabric with further hosts of the owner's state.</summary>
    private ObjectValue Fabric(params string[] further)
    {
        var program = lab.Owner.Program(lab.Aws, lab.Gcp, lab.BehindNat);
        return program.With("hosts", new ArrayValue([.. ((ArrayValue)program["hosts"]!).Items, .. further.Select(name => lab.Owner.Stack[name]["connection"])]));
    }
}
