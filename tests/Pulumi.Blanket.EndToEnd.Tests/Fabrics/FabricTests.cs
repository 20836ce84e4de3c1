using Grpc.Core;
using Pulumi.Blanket.EndToEnd.Tests.Support;
using Pulumi.Blanket.Lab;
using Pulumi.Blanket.Lab.Hosts;
using Pulumi.Blanket.Lab.Tests;
using Pulumi.Blanket.Lab.Tests.Support;
using Pulumi.Blanket.Protocol;
using Pulumi.Blanket.Protocol.Values;

namespace Pulumi.Blanket.EndToEnd.Tests.Fabrics;

/// <summary>The resource Fabric: members come and go, hosts fail, states are lost, and the mesh stays.</summary>
[Collection(nameof(FabricLab))]
public sealed class FabricTests(FabricLab lab)
{
    [LabFact]
    public async Task MembersJoinAndLeaveAndNothingStays()
    {
        var before = await Task.WhenAll(new[] { lab.Aws, lab.Gcp, lab.BehindNat }.Select(CloudLabBase.SnapshotAsync));
        await using var fabric = await FabricStack.StartAsync(lab);
        await fabric.UpAsync(lab.Aws, lab.BehindNat);
        Assert.Equal(["aws-1", "onprem-1"], fabric.Members.Keys);
        Assert.True(await fabric.ReachesAsync(lab.BehindNat, lab.Aws));
        Assert.True(await fabric.ReachesAsync(lab.Aws, lab.BehindNat));
        var connection = fabric.Fabric["connection"];
        Assert.IsType<SecretValue>(connection);
        Assert.Empty((await fabric.Stack.PreviewAsync("Fabric", "fabric", fabric.Program(lab.Aws, lab.BehindNat)))!);
        Assert.StartsWith("pc-q35-", fabric.Fabric.Text("machineType"), StringComparison.Ordinal);

        // A third one joins, and the links of the two are what they were.
        var peer = (await lab.BehindNat.RunOrThrowAsync(["wg", "show", "blanket0", "peers"])).Trim();
        await fabric.UpAsync(lab.Aws, lab.BehindNat, lab.Gcp);
        Assert.True(await fabric.ReachesAsync(lab.Gcp, lab.BehindNat));
        Assert.True(await fabric.ReachesAsync(lab.BehindNat, lab.Gcp));
        Assert.Contains(peer, await lab.BehindNat.RunOrThrowAsync(["wg", "show", "blanket0", "peers"]), StringComparison.Ordinal); // in no certain order
        Assert.Equal(PrivateKeyOf(connection), PrivateKeyOf(fabric.Fabric["connection"]));

        // What its owner sets on a host gets into the inventory by itself.
        await fabric.Stack.UpAsync("Host", "gcp-1", lab.HostInputs(lab.Gcp).With("pricePerHour", 0.25));
        await Eventually.TrueAsync(async () =>
        {
            await fabric.Stack.RefreshAsync("fabric");
            return ((ObjectValue)((ObjectValue)fabric.Fabric["inventory"])["gcp-1"]!)["pricePerHour"] is NumberValue { Number: 0.25 };
        }, "the inventory knows the price");

        // The primary leaves, and another has its place.
        await fabric.Stack.UpAsync("Fabric", "fabric", fabric.Program(lab.Gcp, lab.BehindNat));
        Assert.Equal(["gcp-1", "onprem-1"], fabric.Members.Keys.Order(StringComparer.Ordinal));
        await fabric.Stack.DeleteAsync("aws-1");
        Assert.Equal(before[0], await CloudLabBase.SnapshotAsync(lab.Aws));
        Assert.True(await fabric.ReachesAsync(lab.BehindNat, lab.Gcp));
        await fabric.DeleteAsync(lab.Gcp, lab.BehindNat);
        Assert.Equal(before[1..], await Task.WhenAll(new[] { lab.Gcp, lab.BehindNat }.Select(CloudLabBase.SnapshotAsync)));
    }

    [LabFact]
    public async Task AMemberWithVirtualMachinesDepartsFirst()
    {
        await using var fabric = await FabricStack.StartAsync(lab);
        await fabric.UpAsync(lab.Aws, lab.Gcp);
        await Domains.DefineAsync(lab.Gcp, "db-12345678", fabric.Fabric.Id);
        var refused = await Assert.ThrowsAsync<RpcException>(() => fabric.Stack.DeleteAsync("fabric"));
        Assert.Contains("db-12345678", refused.Status.Detail, StringComparison.Ordinal);

        var program = fabric.Program(lab.Aws);
        await fabric.Stack.UpAsync("Fabric", "fabric", program);
        Assert.Equal("departing", fabric.Members["gcp-1"]);
        Assert.Contains("db-12345678", fabric.Stack.Warnings, StringComparison.Ordinal);
        Assert.True(await fabric.ReachesAsync(lab.Gcp, lab.Aws));
        Assert.DoesNotContain("gcp-1", ((ObjectValue)fabric.Fabric["inventory"]).Properties.Keys);

        await lab.Gcp.RunOrThrowAsync(["virsh", "undefine", "db-12345678"]);
        await fabric.Stack.RefreshAsync("fabric");
        Assert.Equal("empty", fabric.Members["gcp-1"]);
        Assert.Equal(["members"], await fabric.Stack.PreviewAsync("Fabric", "fabric", program));
        await fabric.Stack.UpAsync("Fabric", "fabric", program);
        Assert.Equal(["aws-1"], fabric.Members.Keys);
        await fabric.Stack.DeleteAsync("gcp-1");
        await fabric.DeleteAsync(lab.Aws);
    }

    [LabFact]
    public async Task TheLostPrimaryIsReplaced()
    {
        await using var fabric = await FabricStack.StartAsync(lab);
        await fabric.UpAsync(lab.Aws, lab.Gcp);
        await lab.Aws.KillAsync(FaultTarget.Host, TestContext.Current.CancellationToken);
        try
        {
            // Reading goes on; changing waits for the user's word.
            await fabric.Stack.RefreshAsync("fabric");
            Assert.Equal(["aws-1", "gcp-1"], fabric.Members.Keys);
            var program = fabric.Program(lab.Gcp);
            var refused = await Assert.ThrowsAsync<RpcException>(() => fabric.Stack.UpAsync("Fabric", "fabric", program));
            Assert.Equal(StatusCode.Unavailable, refused.StatusCode);
            Assert.Contains("lostHosts", refused.Status.Detail, StringComparison.Ordinal);

            var settings = ObjectValue.Empty.With("privateKey", new SecretValue(lab.PrivateKey)).With("lostHosts", new ArrayValue(["aws-1"]));
            await fabric.Stack.ContinueWithAsync(await lab.StartPluginAsync(), settings);
            await fabric.Stack.UpAsync("Fabric", "fabric", program);
            Assert.Equal(["gcp-1"], fabric.Members.Keys);
        }
        finally
        {
            await lab.Aws.StartAsync(TestContext.Current.CancellationToken);
        }

        // It comes back, and is in nobody's mesh, until the program has it again and the user takes back that it is lost.
        Assert.DoesNotContain(lab.Aws.Address, await lab.Gcp.RunOrThrowAsync(["wg", "show", "blanket0", "endpoints"]), StringComparison.Ordinal);
        var both = fabric.Program(lab.Aws, lab.Gcp);
        var contradiction = await Assert.ThrowsAsync<RpcException>(() => fabric.Stack.UpAsync("Fabric", "fabric", both));
        Assert.Contains("lostHosts", contradiction.Status.Detail, StringComparison.Ordinal);
        await fabric.Stack.ContinueWithAsync(await lab.StartPluginAsync(), ObjectValue.Empty.With("privateKey", new SecretValue(lab.PrivateKey)));
        await fabric.Stack.UpAsync("Fabric", "fabric", both);
        Assert.Equal(["aws-1", "gcp-1"], fabric.Members.Keys.Order(StringComparer.Ordinal));
        await Eventually.TrueAsync(() => fabric.ReachesAsync(lab.Aws, lab.Gcp), "the one that came back is in the mesh");
        await fabric.DeleteAsync(lab.Aws, lab.Gcp);
    }

    [LabFact]
    public async Task AllOfItIsBackAfterReboots()
    {
        await using var fabric = await FabricStack.StartAsync(lab);
        await fabric.UpAsync(lab.Aws, lab.Gcp);
        var state = fabric.Fabric.State;
        await Task.WhenAll(lab.Aws.RebootAsync(TestContext.Current.CancellationToken), lab.Gcp.RebootAsync(TestContext.Current.CancellationToken));
        await Eventually.TrueAsync(() => fabric.ReachesAsync(lab.Aws, lab.Gcp), "the mesh is back by itself");
        await fabric.Stack.RefreshAsync("fabric");
        Assert.Equal(state, fabric.Fabric.State);
        await fabric.DeleteAsync(lab.Aws, lab.Gcp);
    }

    [LabFact]
    public async Task ALostStateIsImported()
    {
        await using var fabric = await FabricStack.StartAsync(lab);
        await fabric.UpAsync(lab.Aws, lab.Gcp);
        var (id, key) = (fabric.Fabric.Id, PrivateKeyOf(fabric.Fabric["connection"]));
        fabric.Stack.Forget();
        await fabric.Stack.ImportAsync("Host", "aws-1", lab.Aws.Address);
        await fabric.Stack.ImportAsync("Host", "gcp-1", lab.Gcp.Address);
        var imported = await fabric.Stack.ImportAsync("Fabric", "fabric", lab.Gcp.Address);
        Assert.Equal(id, imported.Id);
        Assert.NotEqual(key, PrivateKeyOf(imported["connection"]));
        Assert.Empty((await fabric.Stack.PreviewAsync("Fabric", "fabric", fabric.Program(lab.Aws, lab.Gcp)))!);
        Assert.Empty((await fabric.Stack.PreviewAsync("Host", "aws-1", lab.HostInputs(lab.Aws)))!);
        await fabric.DeleteAsync(lab.Aws, lab.Gcp);
    }

    [LabFact]
    public async Task WhatDoesNotFitIsRefused()
    {
        await using var fabric = await FabricStack.StartAsync(lab);
        await Task.WhenAll(new[] { lab.Aws, lab.Gcp }.Select(host => fabric.Stack.UpAsync("Host", host.Name, lab.HostInputs(host))));
        var program = fabric.Program(lab.Aws, lab.Gcp);
        var model = await Assert.ThrowsAsync<RpcException>(() => fabric.Stack.UpAsync("Fabric", "fabric", program.With("cpuModel", "Pentium9")));
        Assert.Contains("aws-1 lacks the CPU model Pentium9", model.Status.Detail, StringComparison.Ordinal);
        Assert.False(fabric.Stack.Has("fabric"));
        await fabric.Stack.UpAsync("Fabric", "fabric", fabric.Program(lab.Aws));

        // Another fabric can't have its member, and is told how to get at this one.
        await using var other = await lab.StartStackAsync();
        var taken = await Assert.ThrowsAsync<RpcException>(() => other.UpAsync("Fabric", "other", program));
        Assert.Contains("pulumi import", taken.Status.Detail, StringComparison.Ordinal);

        var moved = await fabric.Stack.Plugin.Engine.CheckAsync(Stack.TypeOf("Fabric"), "fabric", fabric.Program(lab.Aws).With("meshCidr", "10.9.0.0/16"), fabric.Fabric.Inputs);
        Assert.Equal("meshCidr", Assert.Single(moved.Failures).Property);
        var twice = await fabric.Stack.Plugin.Engine.CheckAsync(Stack.TypeOf("Fabric"), "fabric", fabric.Program(lab.Aws, lab.Aws));
        Assert.Contains(twice.Failures, failure => failure.Reason.Contains("given twice", StringComparison.Ordinal));

        // A host in a fabric is not given back.
        var member = await Assert.ThrowsAsync<RpcException>(() => fabric.Stack.DeleteAsync("aws-1"));
        Assert.Contains("member of the fabric", member.Status.Detail, StringComparison.Ordinal);
        await fabric.DeleteAsync(lab.Aws, lab.Gcp);
    }

    [LabFact]
    public async Task DriftIsSeenAndPutRight()
    {
        await using var fabric = await FabricStack.StartAsync(lab);
        await fabric.UpAsync(lab.Aws, lab.Gcp);
        var program = fabric.Program(lab.Aws, lab.Gcp);

        // A member has left from its own side.
        await lab.Gcp.RunOrThrowAsync(["/usr/local/sbin/blanket-agent", "leave"]);
        await fabric.Stack.RefreshAsync("fabric");
        Assert.Equal("missing", fabric.Members["gcp-1"]);
        Assert.Equal(["members"], await fabric.Stack.PreviewAsync("Fabric", "fabric", program));
        await fabric.Stack.UpAsync("Fabric", "fabric", program);
        Assert.Equal("active", fabric.Members["gcp-1"]);
        Assert.True(await fabric.ReachesAsync(lab.Gcp, lab.Aws));

        // What the agents themselves put right: keys of the account, and the link.
        await lab.Aws.RunOrThrowAsync(["sh", "-c", "echo > /var/lib/blanket/account/.ssh/authorized_keys; ip link delete blanket0"]);
        await Eventually.TrueAsync(() => fabric.ReachesAsync(lab.Gcp, lab.Aws), "the link is back");
        Assert.Contains("restrict,command=", await lab.Aws.RunOrThrowAsync(["cat", "/var/lib/blanket/account/.ssh/authorized_keys"]), StringComparison.Ordinal);

        // Somebody else gave it another name.
        await using var other = await FabricStack.StartAsync(lab);
        await other.Stack.ImportAsync("Host", "aws-1", lab.Aws.Address);
        await other.Stack.ImportAsync("Host", "gcp-1", lab.Gcp.Address);
        await other.Stack.ImportAsync("Fabric", "fabric", lab.Aws.Address);
        await other.Stack.UpAsync("Fabric", "fabric", other.Program(lab.Aws, lab.Gcp).With("name", "green"));
        await fabric.Stack.RefreshAsync("fabric");
        Assert.Equal(["name"], await fabric.Stack.PreviewAsync("Fabric", "fabric", program));
        await fabric.Stack.UpAsync("Fabric", "fabric", program);
        await fabric.Stack.RefreshAsync("fabric");
        Assert.Empty((await fabric.Stack.PreviewAsync("Fabric", "fabric", program))!);
        await fabric.DeleteAsync(lab.Aws, lab.Gcp);
    }

    [LabFact]
    public async Task AFabricThatDoesNotAnswerIsShownAsItWas()
    {
        await using var fabric = await FabricStack.StartAsync(lab);
        await fabric.UpAsync(lab.Aws, lab.Gcp);
        var state = fabric.Fabric.State;
        var program = fabric.Program(lab.Aws, lab.Gcp);
        var settings = ObjectValue.Empty.With("privateKey", new SecretValue(lab.PrivateKey));
        LabHost[] hosts = [lab.Aws, lab.Gcp];
        await Task.WhenAll(hosts.Select(host => host.FreezeAsync(FaultTarget.Host, TestContext.Current.CancellationToken)));
        try
        {
            await fabric.Stack.ContinueWithAsync(await lab.StartPluginAsync(), settings);
            await fabric.Stack.RefreshAsync("fabric");
            Assert.Equal(state, fabric.Fabric.State);
            Assert.Contains("lostHosts", fabric.Stack.Warnings, StringComparison.Ordinal);
            Assert.Empty((await fabric.Stack.PreviewAsync("Fabric", "fabric", program))!);
            var refused = await Assert.ThrowsAsync<RpcException>(() => fabric.Stack.DeleteAsync("fabric"));
            Assert.Equal(StatusCode.Unavailable, refused.StatusCode);

            // With no network at all, by the user's word.
            await fabric.Stack.ContinueWithAsync(await lab.StartPluginAsync(new() { ["BLANKET_OFFLINE"] = "1" }), settings);
            await fabric.Stack.RefreshAsync("fabric");
            Assert.Equal(state, fabric.Fabric.State);
            Assert.Equal("", fabric.Stack.Warnings);
        }
        finally
        {
            await Task.WhenAll(hosts.Select(host => host.ThawAsync(FaultTarget.Host, TestContext.Current.CancellationToken)));
        }

        await fabric.Stack.ContinueWithAsync(await lab.StartPluginAsync(), settings);
        await fabric.DeleteAsync(lab.Aws, lab.Gcp);
    }

    [LabFact]
    public async Task TwoWritersCorruptNothing()
    {
        await using var first = await FabricStack.StartAsync(lab);
        await first.UpAsync(lab.Aws, lab.Gcp);

        // Two people, each with a state of their own of the same fabric, change it at the same moment.
        await using var second = await FabricStack.StartAsync(lab);
        await second.Stack.ImportAsync("Host", "aws-1", lab.Aws.Address);
        await second.Stack.ImportAsync("Host", "gcp-1", lab.Gcp.Address);
        await second.Stack.ImportAsync("Fabric", "fabric", lab.Aws.Address);
        await first.Stack.UpAsync("Host", "onprem-1", lab.HostInputs(lab.BehindNat));
        for (var round = 0; round < 3; round++)
        {
            await Task.WhenAll(
                first.Stack.UpAsync("Fabric", "fabric", first.Program(lab.Aws, lab.Gcp, lab.BehindNat)),
                second.Stack.UpAsync("Fabric", "fabric", second.Program(lab.Aws, lab.Gcp).With("name", $"green-{round}")));
            await Task.WhenAll(
                first.Stack.UpAsync("Fabric", "fabric", first.Program(lab.Aws, lab.Gcp)),
                second.Stack.UpAsync("Fabric", "fabric", second.Program(lab.Aws, lab.Gcp).With("name", "blue")));
        }

        // Whatever the order was, one more update of each settles it, all members agree, and nothing is doubled.
        await first.Stack.RefreshAsync("fabric");
        await first.Stack.UpAsync("Fabric", "fabric", first.Program(lab.Aws, lab.Gcp));
        Assert.Equal(["aws-1", "gcp-1"], first.Members.Keys);
        Assert.True(await first.ReachesAsync(lab.Aws, lab.Gcp));
        var known = await Task.WhenAll(new[] { lab.Aws, lab.Gcp }.Select(host => host.RunOrThrowAsync(["sh", "-c", $"sha256sum < /var/lib/blanket/{first.Fabric.Id}/fabric.json"])));
        Assert.Equal(known[0], known[1]);
        await first.DeleteAsync(lab.Aws, lab.Gcp);
        await first.Stack.DeleteAsync("onprem-1");
    }

    private static string PrivateKeyOf(PropertyValue connection) => ((StringValue)((ObjectValue)connection.Bare)["privateKey"]!.Bare).Text;
}
