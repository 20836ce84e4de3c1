using Pulumi.Blanket.EndToEnd.Tests.Support;
using Pulumi.Blanket.Lab;
using Pulumi.Blanket.Lab.Guests;
using Pulumi.Blanket.Lab.Tests;
using Pulumi.Blanket.Lab.Tests.Support;
using Pulumi.Blanket.Protocol;

namespace Pulumi.Blanket.EndToEnd.Tests.Machines;

/// <summary>Networks over the mesh: one segment on all members, a gateway that is answered by the guest's own member alone.</summary>
[Collection(nameof(MachineLab))]
public sealed class NetworkTests(MachineLab lab)
{
    [LabFact]
    public async Task GuestsOfAllMembersAreOnOneSegment()
    {
        await using var machines = await lab.StartMachinesAsync();
        await Task.WhenAll(
            machines.UpAsync("one", machines.Program("one").With("host", "aws-1")),
            machines.UpAsync("two", machines.Program("two").With("host", "onprem-1")));
        await machines.ReachAsync("one");
        await machines.ReachAsync("two");

        // A client in the network on a third member reaches both, the one behind NAT included, with packets of full size; and its gateway.
        await using var client = await SegmentClient.JoinAsync(lab.Gcp, "bk1", "10.60.0.250/24");
        foreach (var name in new[] { "one", "two" })
        {
            Assert.Contains($"\"hostname\":\"{name}\"", await client.RunOrThrowAsync(["curl", "-s", "-m", "5", $"http://{machines.AddressOf(name)}/status"]), StringComparison.Ordinal);
            await client.RunOrThrowAsync(["busybox", "ping", "-c", "2", "-W", "3", "-s", "1302", machines.AddressOf(name)]);
        }

        await client.RunOrThrowAsync(["busybox", "ping", "-c", "1", "-W", "3", "10.60.0.1"]);
        var answers = await client.RunOrThrowAsync(["busybox", "arping", "-b", "-c", "3", "-w", "4", "-I", "client", "10.60.0.1"]);
        Assert.Contains("Received 3 response", answers, StringComparison.Ordinal); // three asked, and three of them: one member answers

        // What does not come through the mesh is not taken for it.
        Assert.Contains("udp dport 14789 iifname != \"blanket0\" drop", await lab.Gcp.RunOrThrowAsync(["nft", "list", "table", "inet", "blanket"]), StringComparison.Ordinal);
        await machines.DeleteAsync("one", "two");
    }

    [LabFact]
    public async Task AMemberThatJoinsLaterHasThemToo()
    {
        // gcp-1 leaves, and comes back: no network has been touched meanwhile.
        try
        {
            await lab.Owner.Stack.UpAsync("Fabric", "fabric", lab.Owner.Program(lab.Aws, lab.BehindNat));
            Assert.DoesNotContain("bk1", await lab.Gcp.RunOrThrowAsync(["ip", "-o", "link"]), StringComparison.Ordinal);
            Assert.Equal("", (await lab.Gcp.RunOrThrowAsync(["nft", "list", "tables"])).Trim());
            Assert.Equal(2, lab.Owner.Members.Count);
        }
        finally
        {
            await lab.Owner.Stack.UpAsync("Fabric", "fabric", lab.Owner.Program(lab.Aws, lab.BehindNat, lab.Gcp));
        }

        await using var machines = await lab.StartMachinesAsync();
        await machines.UpAsync("late", machines.Program("late").With("host", "gcp-1"));
        await machines.ReachAsync("late");
        await using var client = await SegmentClient.JoinAsync(lab.Aws, "bk1", "10.60.0.251/24");
        await Eventually.TrueAsync(async () => (await client.RunAsync(["curl", "-s", "-m", "2", $"http://{machines.AddressOf("late")}/status"])).ExitCode == 0, "its guest is reached from another member");
        await machines.DeleteAsync("late");
    }
}
