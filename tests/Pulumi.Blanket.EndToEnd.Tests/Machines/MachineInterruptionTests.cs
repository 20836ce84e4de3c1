using Pulumi.Blanket.EndToEnd.Tests.Faults;
using Pulumi.Blanket.EndToEnd.Tests.Support;
using Pulumi.Blanket.Lab;
using Pulumi.Blanket.Lab.Hosts;
using Pulumi.Blanket.Lab.Tests;
using Pulumi.Blanket.Lab.Tests.Support;
using Pulumi.Blanket.Protocol;
using Pulumi.Blanket.Protocol.Values;

namespace Pulumi.Blanket.EndToEnd.Tests.Machines;

/// <summary>Creates, updates and deletes of machines that are cut at random moments: nothing is doubled, nothing lost, nothing left behind.</summary>
[Collection(nameof(FaultyMachineLab))]
public sealed class MachineInterruptionTests(FaultyMachineLab lab)
{
    private const int LongestMilliseconds = 1800;

    [LabFact]
    [Trait("campaign", "yes")]
    public Task TheNextRunEndsWhereAnUndisturbedOneDoes() => Seeds.RunAsync("machine-interruption", few: 1, full: 60, async seed =>
    {
        Random random = new(seed);
        LabHost[] hosts = [lab.Aws, lab.Gcp];
        var before = await DomainsAsync();
        await using var machines = await lab.StartMachinesAsync();
        Disturbance disturbance = new(lab, machines.Stack, random, hosts, MachineStack.SettingsOf(lab), LongestMilliseconds);
        var volume = ObjectValue.Empty.With("name", "cut").With("fabric", lab.Fabric).With("sizeGiB", 1).With("host", hosts[seed % 2].Name);
        var program = machines.Program("cut");
        await disturbance.RunAsync(() => machines.Stack.UpAsync("Volume", "cut-data", volume));
        await disturbance.RunAsync(() => machines.UpAsync("cut", program));
        Assert.Single(await NewDomainsAsync(before));
        Assert.Equal("running", machines.Stack["cut"].Text("state"));
        var disk = await machines.ReachWrittenAsync("cut");

        // Whatever is cut, what the guest wrote stays.
        var changed = program.With("labels", ObjectValue.Empty.With("a", "b")).With("disks", new ArrayValue([ObjectValue.Empty.With("image", lab.Image), ObjectValue.Empty.With("sizeGiB", 1)]));
        await disturbance.RunAsync(() => machines.UpAsync("cut", changed));
        Assert.Empty(await machines.PreviewAsync("cut", changed));
        Assert.True((await machines.ReachAsync("cut")).DiskCounter >= disk, "the disk is what it was");
        Assert.Single(await NewDomainsAsync(before));

        await disturbance.RunAsync(() => DeleteAsync("cut"));
        await disturbance.RunAsync(() => DeleteAsync("cut-data"));
        Assert.Empty(await NewDomainsAsync(before));
        foreach (var host in lab.Lab.Hosts)
        {
            Assert.DoesNotMatch("pool/(volume-|[0-9a-f]{8}-)", await MachineStack.LeftAsync(host));
        }

        // What they held is free: the whole network is there for the next.
        await machines.UpAsync("next", machines.Program("next"));
        Assert.Equal("10.60.0.2", machines.AddressOf("next"));
        await machines.DeleteAsync("next");

        Task DeleteAsync(string name) => machines.Stack.Has(name) ? machines.Stack.DeleteAsync(name) : Task.CompletedTask;
    });

    private async Task<IReadOnlyList<string>> NewDomainsAsync(IReadOnlyList<string> before) => [.. (await DomainsAsync()).Except(before)];

    private async Task<IReadOnlyList<string>> DomainsAsync()
        => [.. (await Task.WhenAll(lab.Lab.Hosts.Select(host => host.RunOrThrowAsync(["virsh", "list", "--all", "--name"])))).SelectMany(names => names.Split('\n', StringSplitOptions.RemoveEmptyEntries))];
}
