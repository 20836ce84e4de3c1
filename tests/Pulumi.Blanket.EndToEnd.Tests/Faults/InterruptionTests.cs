using Pulumi.Blanket.EndToEnd.Tests.Fabrics;
using Pulumi.Blanket.EndToEnd.Tests.Support;
using Pulumi.Blanket.Lab;
using Pulumi.Blanket.Lab.Hosts;
using Pulumi.Blanket.Lab.Tests;
using Pulumi.Blanket.Lab.Tests.Support;
using Pulumi.Blanket.Protocol;
using Pulumi.Blanket.Protocol.Values;

namespace Pulumi.Blanket.EndToEnd.Tests.Faults;

/// <summary>
/// Operations that are cut at random moments, and tried again by the next run: the plugin killed, an agent killed, the way to a host
/// cut. Whatever was cut, the next run ends where an undisturbed one does, and a delete leaves what was there before.
/// </summary>
[Collection(nameof(FabricLab))]
public sealed class InterruptionTests(FabricLab lab)
{
    private const int LongestMilliseconds = 1500;

    [LabFact]
    [Trait("campaign", "yes")]
    public Task TheNextRunEndsWhereAnUndisturbedOneDoes() => Seeds.RunAsync("interruption", few: 1, full: 60, async seed =>
    {
        Random random = new(seed);
        LabHost[] hosts = [lab.Aws, lab.Gcp];
        var before = await Task.WhenAll(hosts.Select(CloudLabBase.SnapshotAsync));
        await using FabricStack fabric = new(lab, await lab.StartStackAsync());
        var stack = fabric.Stack;
        Disturbance disturbance = new(lab, stack, random, hosts, ObjectValue.Empty.With("privateKey", new SecretValue(lab.PrivateKey)), LongestMilliseconds);

        await disturbance.RunAsync(() => stack.UpAsync("Host", "aws-1", lab.HostInputs(lab.Aws)));
        await stack.UpAsync("Host", "gcp-1", lab.HostInputs(lab.Gcp));
        await disturbance.RunAsync(() => stack.UpAsync("Host", "gcp-1", lab.HostInputs(lab.Gcp).With("zone", "b")));
        await disturbance.RunAsync(() => stack.UpAsync("Fabric", "fabric", fabric.Program(lab.Aws)));
        await disturbance.RunAsync(() => stack.UpAsync("Fabric", "fabric", fabric.Program(hosts)));
        Assert.Equal(["aws-1", "gcp-1"], fabric.Members.Keys);
        Assert.All(fabric.Members.Values, status => Assert.Equal("active", status));
        await Eventually.TrueAsync(() => fabric.ReachesAsync(lab.Aws, lab.Gcp), "the mesh is up");
        Assert.Equal("", await FabricsOnAsync(lab.Aws, except: fabric.Fabric.Id));

        await disturbance.RunAsync(() => stack.UpAsync("Fabric", "fabric", fabric.Program(lab.Gcp)));
        Assert.Equal(["gcp-1"], fabric.Members.Keys);
        await disturbance.RunAsync(() => DeleteAsync("fabric"));
        await disturbance.RunAsync(() => DeleteAsync("aws-1"));
        await disturbance.RunAsync(() => DeleteAsync("gcp-1"));
        Assert.Equal(before, await Task.WhenAll(hosts.Select(CloudLabBase.SnapshotAsync)));

        Task DeleteAsync(string name) => stack.Has(name) ? stack.DeleteAsync(name) : Task.CompletedTask;
    });

    private static async Task<string> FabricsOnAsync(LabHost host, string except)
        => (await host.RunOrThrowAsync(["sh", "-c", $"cd /var/lib/blanket && ls -d */ | grep -v -e account -e pool -e {except} || true"])).Trim();
}
