using System.Diagnostics;
using Grpc.Core;
using Pulumi.Blanket.Lab;
using Pulumi.Blanket.Lab.Tests;
using Pulumi.Blanket.Lab.Tests.Support;
using Pulumi.Blanket.Protocol;
using Pulumi.Blanket.Provider.Agents;
using Pulumi.Blanket.Provider.Configuration;
using Pulumi.Blanket.Provider.Errors;
using Pulumi.Blanket.Provider.Resources;
using Pulumi.Blanket.Provider.Resources.Fabric;
using Pulumi.Blanket.Provider.Resources.OnFabric;
using Pulumi.Blanket.Provider.Tests.Support;
using static Pulumi.Blanket.Provider.Tests.Support.Objects;

namespace Pulumi.Blanket.Provider.Tests.Fabrics;

/// <summary>How what is on a fabric reaches members: any entry is enough, nobody is asked too often, and changes find the primary.</summary>
public sealed class FabricAccessTests
{
    private static readonly FabricConnection Nowhere = new() { FabricId = FakeFabric.Id, Account = "blanket", PrivateKey = "", PublicKey = "", Entries = [] };

    [Fact]
    public async Task Hundreds_who_ask_at_once_read_the_directory_once()
    {
        await using var fabric = await FakeFabric.StartAsync();
        await Task.WhenAll(Enumerable.Range(0, 200).Select(_ => Open(fabric).LookAsync(TestContext.Current.CancellationToken)));
        Assert.Single(fabric.Calls, call => call.Method == "FabricRegistry/Read");
    }

    [Fact]
    public async Task A_silent_entry_is_not_waited_for()
    {
        await using var fabric = await FakeFabric.StartAsync();
        fabric["a"].IsSilent = true;
        var start = Stopwatch.GetTimestamp();
        var directory = await Open(fabric).GetDirectoryAsync(TestContext.Current.CancellationToken);
        Assert.Equal("b", directory.Entry.Address);
        Assert.InRange(Stopwatch.GetElapsedTime(start).TotalSeconds, 0.5, 5);
    }

    [Fact]
    public async Task Without_any_entry_that_answers_the_failure_names_them_all_after_ten_seconds_at_most_and_is_then_known()
    {
        await using var fabric = await FakeFabric.StartAsync();
        fabric["a"].IsSilent = fabric["b"].IsSilent = true;
        var start = Stopwatch.GetTimestamp();
        var fault = await Assert.ThrowsAsync<ProviderException>(() => Open(fabric).LookAsync(TestContext.Current.CancellationToken));
        Assert.InRange(Stopwatch.GetElapsedTime(start).TotalSeconds, 9, 13);
        Assert.Contains("host a:", fault.Message, StringComparison.Ordinal);
        Assert.Contains("host b:", fault.Message, StringComparison.Ordinal);

        start = Stopwatch.GetTimestamp();
        await Assert.ThrowsAsync<ProviderException>(() => Open(fabric).LookAsync(TestContext.Current.CancellationToken));
        Assert.InRange(Stopwatch.GetElapsedTime(start).TotalSeconds, 0, 1);
    }

    [Fact]
    public async Task An_entry_that_went_to_another_fabric_is_none_any_more()
    {
        await using var fabric = await FakeFabric.StartAsync();
        fabric.Facts.FabricId = "other";
        var fault = await Assert.ThrowsAsync<ProviderException>(() => Open(fabric).GetDirectoryAsync(TestContext.Current.CancellationToken));
        Assert.Equal(FailureReason.Precondition, fault.Reason);
        Assert.Contains("other", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Members_are_called_directly_where_they_are_entries_and_through_one_where_not()
    {
        await using var fabric = await FakeFabric.StartAsync(entries: 2);
        var session = Open(fabric);
        var token = TestContext.Current.CancellationToken;
        await (await session.AgentAsync("id-of-b", token)).PingAsync(token);
        await (await session.AgentAsync("id-of-c", token)).PingAsync(token);
        Assert.Contains(("b", "b", "FabricAgent/Ping"), fabric.Calls);
        Assert.Contains(("a", "c", "FabricAgent/Ping"), fabric.Calls);
        var fault = await Assert.ThrowsAsync<ProviderException>(() => session.AgentAsync("id-of-nobody", token));
        Assert.Equal(FailureReason.Precondition, fault.Reason);
    }

    [Fact]
    public async Task An_entry_that_only_others_reach_is_called_through_one_of_them()
    {
        await using var fabric = await FakeFabric.StartAsync(entries: 2);
        fabric["a"].IsCut = true;
        var token = TestContext.Current.CancellationToken;
        await Open(fabric).ChangeAsync(primary => primary.DropNetworkAsync(7, token), token);
        Assert.Contains(("b", "a", "FabricRegistry/DropNetwork"), fabric.Calls);

        // Nor is it waited for again by the next who reads the directory.
        var start = Stopwatch.GetTimestamp();
        await Open(fabric).GetDirectoryAsync(token);
        Assert.InRange(Stopwatch.GetElapsedTime(start).TotalSeconds, 0, 0.9);
    }

    [Fact]
    public async Task A_change_follows_the_primary_where_that_has_become_another()
    {
        await using var fabric = await FakeFabric.StartAsync();
        var session = Open(fabric);
        var token = TestContext.Current.CancellationToken;
        await session.GetDirectoryAsync(token);
        fabric.Facts.Primary = "id-of-c";
        await session.ChangeAsync(primary => primary.DropNetworkAsync(7, token), token);
        Assert.Equal(["a", "c"], fabric.Calls.Where(call => call.Method.EndsWith("DropNetwork", StringComparison.Ordinal)).Select(call => call.Member));
    }

    [Fact]
    public async Task A_change_that_is_refused_again_and_again_ends()
    {
        await using var fabric = await FakeFabric.StartAsync();
        fabric.Fault = method => method.EndsWith("DropNetwork", StringComparison.Ordinal) ? new RpcException(new Status(StatusCode.Aborted, "not me")) : null;
        var token = TestContext.Current.CancellationToken;
        var fault = await Assert.ThrowsAsync<ProviderException>(() => Open(fabric).ChangeAsync(primary => primary.DropNetworkAsync(7, token), token));
        Assert.Equal(FailureReason.Conflict, fault.Reason);
        Assert.Equal(3, fabric.Calls.Count(call => call.Method.EndsWith("DropNetwork", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Without_the_primary_the_failure_says_what_goes_on_and_what_to_do()
    {
        await using var fabric = await FakeFabric.StartAsync();
        fabric.Facts.Primary = "id-of-c";
        fabric["c"].IsSilent = true;
        var token = TestContext.Current.CancellationToken;
        var fault = await Assert.ThrowsAsync<ProviderException>(() => Open(fabric).ChangeAsync(primary => primary.DropNetworkAsync(7, token), token));
        Assert.Equal(FailureReason.Unavailable, fault.Reason);
        Assert.Contains("c is the fabric's primary", fault.Message, StringComparison.Ordinal);
        Assert.Contains("lostHosts", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_change_is_seen_by_whoever_looks_next()
    {
        await using var fabric = await FakeFabric.StartAsync();
        var session = Open(fabric);
        var token = TestContext.Current.CancellationToken;
        Assert.Empty((await session.LookAsync(token)).Facts.Networks);
        await session.ChangeAsync(primary => primary.PutNetworkAsync(new() { Urn = "u", Cidr = "10.0.0.0/24" }, token), token);
        Assert.Single((await session.LookAsync(token)).Facts.Networks);
    }

    [Fact]
    public async Task What_a_member_has_is_found_where_it_was_without_asking_others_and_elsewhere_by_asking_all()
    {
        await using var fabric = await FakeFabric.StartAsync();
        var token = TestContext.Current.CancellationToken;
        fabric["b"].Volumes["v"] = new() { Location = "id-of-b" };
        Task<MemberSearch<Contract.VolumeView>> FindAsync(string location, bool isLook = true) => Open(fabric).FindAsync(location, isLook, (agent, cancel) => agent.FindVolumeAsync("v", cancel), token);

        Assert.Equal("b", (await FindAsync("b")).Member!.Settings.Name);
        Assert.Single(fabric.Calls, call => call.Method == "VolumeAgent/Get");
        Assert.Equal("b", (await FindAsync("c")).Member!.Settings.Name);
        Assert.Equal("b", (await FindAsync("")).Member!.Settings.Name);

        fabric["b"].IsSilent = true;
        var search = await FindAsync("b");
        Assert.False(search.IsGone);
        Assert.Null(search.Found);
        Assert.Contains("host b:", Assert.Single(search.Silent).Message, StringComparison.Ordinal);

        // Who only looks believes that for a while; who wants to change it finds that it is back.
        fabric["b"].IsSilent = false;
        await Eventually.TrueAsync(async () => (await FindAsync("b", isLook: false)).Found is not null, "the member that is back is asked");
    }

    [Fact]
    public async Task The_memory_of_one_way_is_not_that_of_another()
    {
        await using var fabric = await FakeFabric.StartAsync();
        await Open(fabric).LookAsync(TestContext.Current.CancellationToken);
        var fault = await Assert.ThrowsAsync<ProviderException>(
            () => fabric.Access.Open(Nowhere, ProviderConfiguration.Empty, "op").LookAsync(TestContext.Current.CancellationToken));
        Assert.Equal(FailureReason.BadInput, fault.Reason);
    }

    private static FabricSession Open(FakeFabric fabric)
        => fabric.Access.Open(ConfiguredFabric.Get(ProviderConfiguration.Read(Of(("fabric", fabric.Connection)))), ProviderConfiguration.Empty, "op");
}
