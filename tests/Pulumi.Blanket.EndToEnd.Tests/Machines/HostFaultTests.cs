using Grpc.Core;
using Pulumi.Blanket.EndToEnd.Tests.Support;
using Pulumi.Blanket.Lab;
using Pulumi.Blanket.Lab.Hosts;
using Pulumi.Blanket.Lab.Tests;
using Pulumi.Blanket.Lab.Tests.Support;
using Pulumi.Blanket.Protocol;
using Pulumi.Blanket.Protocol.Values;

namespace Pulumi.Blanket.EndToEnd.Tests.Machines;

/// <summary>Hosts that reboot, are down, are lost, are full, or have no room: what becomes of machines, and what others notice of it.</summary>
[Collection(nameof(FaultyMachineLab))]
public sealed class HostFaultTests(FaultyMachineLab lab)
{
    // Whether a member was tried in vain or only in time is a matter of how busy it all is.
    private static readonly StatusCode[] NoAnswer = [StatusCode.Unavailable, StatusCode.DeadlineExceeded];

    [LabFact]
    public async Task AfterARebootMachinesAreBackByThemselves()
    {
        await using var machines = await lab.StartMachinesAsync();
        var program = machines.Program("auto").With("host", "gcp-1");
        await machines.UpAsync("auto", program);
        await machines.UpAsync("manual", machines.Program("manual").With("host", "gcp-1").With("autostart", false));
        var disk = await machines.ReachWrittenAsync("auto");
        await lab.Gcp.RebootAsync(TestContext.Current.CancellationToken);
        Assert.True((await machines.ReachAsync("auto")).DiskCounter >= disk, "the disk is what it was");
        await machines.Stack.RefreshAsync("manual");
        Assert.Equal("stopped", machines.Stack["manual"].Text("state"));

        // What is stopped later stays so, whatever becomes of the agent; libvirt's own flag is never set.
        await lab.Gcp.RunOrThrowAsync(["virsh", "destroy", machines.Stack["auto"].Id]);
        await lab.Gcp.RunOrThrowAsync(["systemctl", "restart", "blanket-agent"]);
        await lab.Gcp.RunOrThrowAsync(["sleep", "2"]);
        Assert.Equal("shut off", (await lab.Gcp.RunOrThrowAsync(["virsh", "domstate", machines.Stack["auto"].Id])).Trim());
        Assert.Equal("", (await lab.Gcp.RunOrThrowAsync(["virsh", "list", "--all", "--autostart", "--name"])).Trim());
        await machines.UpAsync("auto", program);
        await machines.ReachAsync("auto");
        await machines.DeleteAsync("auto", "manual");
    }

    [LabFact]
    public async Task AHostThatIsDownStopsNobodyElse()
    {
        await using var machines = await lab.StartMachinesAsync();
        await machines.UpAsync("there", machines.Program("there").With("host", "gcp-1"));
        await machines.UpAsync("here", machines.Program("here").With("host", "aws-1"));
        var there = machines.Stack["there"];
        await lab.Gcp.KillAsync(FaultTarget.Host, TestContext.Current.CancellationToken);
        try
        {
            await machines.Stack.RefreshAsync("there");
            Assert.Equal(there.State, machines.Stack["there"].State);
            Assert.Contains("lostHosts", machines.Stack.Warnings, StringComparison.Ordinal);
            Assert.Empty(await machines.PreviewAsync("there", machines.Program("there").With("host", "gcp-1")));
            await machines.Stack.RefreshAsync("here");
            Assert.Equal("running", machines.Stack["here"].Text("state"));

            // A new one is made where somebody answers; one that is to be there says why not, and leaves nothing.
            await machines.UpAsync("new", machines.Program("new"));
            Assert.NotEqual("gcp-1", machines.Stack["new"].Text("location"));
            await machines.DeleteOnlyAsync("new");
            var refused = await Assert.ThrowsAsync<RpcException>(() => machines.UpAsync("dead", machines.Program("dead").With("host", "gcp-1")));
            Assert.Contains(refused.StatusCode, NoAnswer);
            Assert.Contains("gcp-1", refused.Status.Detail, StringComparison.Ordinal);
            var delete = await Assert.ThrowsAsync<RpcException>(() => machines.Stack.DeleteAsync("there"));
            Assert.Contains(delete.StatusCode, NoAnswer);
        }
        finally
        {
            await lab.Gcp.StartAsync(TestContext.Current.CancellationToken);
        }

        await machines.ReachAsync("there");
        if (machines.Stack.Has("dead"))
        {
            // Its room was held, and the next update makes it after all.
            await machines.UpAsync("dead", machines.Program("dead").With("host", "gcp-1"));
            await machines.DeleteAsync("dead");
        }

        await machines.DeleteAsync("here", "there");
    }

    [LabFact]
    public async Task WhatWasOnALostHostIsGone()
    {
        await using var machines = await lab.StartMachinesAsync();
        await machines.UpAsync("gone", machines.Program("gone").With("host", "gcp-1"));
        var id = machines.Stack["gone"].Id;
        await machines.Stack.UpAsync("Volume", "lost", ObjectValue.Empty.With("name", "lost").With("fabric", lab.Fabric).With("sizeGiB", 1).With("host", "gcp-1"));
        await lab.Gcp.KillAsync(FaultTarget.Host, TestContext.Current.CancellationToken);
        try
        {
            await machines.Stack.ContinueWithAsync(await lab.StartPluginAsync(), MachineStack.SettingsOf(lab).With("lostHosts", new ArrayValue(["gcp-1"])));
            await machines.Stack.DeleteAsync("lost");
            await machines.Stack.RefreshAsync("gone");
            Assert.False(machines.Stack.Has("gone"));

            // Made anew elsewhere, on the user's word.
            await machines.UpAsync("gone", machines.Program("gone"));
            Assert.NotEqual("gcp-1", machines.Stack["gone"].Text("location"));
            await machines.ReachAsync("gone");
            await machines.DeleteOnlyAsync("gone");
        }
        finally
        {
            await lab.Gcp.StartAsync(TestContext.Current.CancellationToken);
        }

        // The host came back after all, and the fabric was never told: its machine is there still, and nobody's.
        await Eventually.TrueAsync(async () => (await lab.Gcp.RunAsync(["virsh", "destroy", id])).ExitCode == 0, "the machine of the host that was not lost");
        await lab.Gcp.RunOrThrowAsync(["virsh", "undefine", id]);
        await lab.Gcp.RunOrThrowAsync(["sh", "-c", $"rm -f /var/lib/blanket/pool/{id}-* /var/lib/blanket/*/c*/{id}* /var/lib/blanket/pool/volume-* /var/lib/blanket/*/volumes/*"]);
    }

    [LabFact]
    public async Task WhereThereIsNoRoomNothingIsLeft()
    {
        await using var machines = await lab.StartMachinesAsync();
        var large = machines.Program("large").With("memoryMiB", 1 << 20);
        await Eventually.TrueAsync(async () => await lab.Owner.ReachesAsync(lab.Aws, lab.Gcp), "a host that was down in another test is back");
        var nowhere = await Assert.ThrowsAsync<RpcException>(() => machines.UpAsync("large", large));
        Assert.Equal(StatusCode.FailedPrecondition, nowhere.StatusCode);
        foreach (var host in lab.Lab.Hosts)
        {
            Assert.Contains($"on {host.Name} {1 << 20} MiB of memory are wanted", nowhere.Status.Detail, StringComparison.Ordinal);
        }

        var there = await Assert.ThrowsAsync<RpcException>(() => machines.UpAsync("large", large.With("host", "gcp-1")));
        Assert.Contains("oversubscription", there.Status.Detail, StringComparison.Ordinal);
        var unknown = await Assert.ThrowsAsync<RpcException>(() => machines.UpAsync("large", machines.Program("large").With("host", "mars-1")));
        Assert.All(lab.Lab.Hosts, host => Assert.Contains(host.Name, unknown.Status.Detail.Split("its members are")[1], StringComparison.Ordinal));

        // A full disk, of which the registry knows nothing.
        await lab.Gcp.FillDiskAsync(cancellationToken: TestContext.Current.CancellationToken);
        try
        {
            var full = await Assert.ThrowsAsync<RpcException>(() => machines.UpAsync("large", machines.Program("large").With("host", "gcp-1")));
            Assert.Matches("(?i)no space|disk is full|no room", full.Status.Detail);
        }
        finally
        {
            await lab.Gcp.FreeDiskAsync(TestContext.Current.CancellationToken);
        }

        Assert.False(machines.Stack.Has("large") && machines.Stack["large"].InitErrors.Count == 0);
        if (machines.Stack.Has("large"))
        {
            await machines.DeleteAsync("large");
        }

        foreach (var host in lab.Lab.Hosts)
        {
            Assert.DoesNotContain("large-", await host.RunOrThrowAsync(["virsh", "list", "--all", "--name"]), StringComparison.Ordinal);
        }

        // And where there is room again, it is made.
        await machines.UpAsync("large", machines.Program("large").With("host", "gcp-1"));
        await machines.ReachAsync("large");
        await machines.DeleteAsync("large");
    }

    [LabFact]
    public async Task EqualNamesOfTwoStacksAreTwoMachines()
    {
        await using var mine = await lab.StartMachinesAsync();
        await using var theirs = await lab.StartMachinesAsync();
        await mine.UpAsync("mine", mine.Program("twin").With("host", "aws-1"));
        await theirs.UpAsync("theirs", theirs.Program("twin").With("host", "aws-1"));
        Assert.NotEqual(mine.Stack["mine"].Id, theirs.Stack["theirs"].Id);
        Assert.NotEqual(mine.AddressOf("mine"), theirs.AddressOf("theirs"));
        var taken = await Assert.ThrowsAsync<RpcException>(() => theirs.UpAsync("third", theirs.Program("third")
            .With("networks", new ArrayValue([ObjectValue.Empty.With("network", lab.Network).With("address", mine.AddressOf("mine"))]))));
        Assert.Contains("twin has", taken.Status.Detail, StringComparison.Ordinal);
        var several = await Assert.ThrowsAsync<RpcException>(() => mine.Stack.ImportAsync("VirtualMachine", "import", $"{lab.FabricId}/twin"));
        Assert.Contains(theirs.Stack["theirs"].Id, several.Status.Detail, StringComparison.Ordinal);
        await mine.DeleteAsync("mine");
        await theirs.Stack.RefreshAsync("theirs");
        Assert.Equal("running", theirs.Stack["theirs"].Text("state"));
        await theirs.DeleteAsync("theirs");
    }
}
