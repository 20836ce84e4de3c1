using Grpc.Core;
using Pulumi.Blanket.Lab.Tests;
using Pulumi.Blanket.Protocol;
using Pulumi.Blanket.Protocol.Contract;
using Pulumi.Blanket.Protocol.Values;
using Pulumi.Blanket.Provider.Operations;
using Pulumi.Blanket.Provider.Tests.Engine;
using Pulumi.Blanket.Provider.Tests.Support;
using Pulumi.Blanket.Provider.Views;
using static Pulumi.Blanket.Provider.Tests.Support.Objects;

namespace Pulumi.Blanket.Provider.Tests;

/// <summary>Create, read, update and delete, in earnest and in previews; and how each kind of failure reaches the engine.</summary>
public sealed class LifecycleTests
{
    private static readonly ObjectValue Program = Of(("address", Secret("h1")), ("size", 3), ("password", "a password"), ("disks", List(Of(("sizeGiB", 5)))));

    [Fact]
    public async Task The_state_is_the_inputs_in_their_form_and_the_outputs()
    {
        await using var plugin = await ServedPackage.StartAsync(new ThingResource());
        var inputs = await plugin.Engine.CheckedAsync(ThingResource.Type, "web", Program);
        var created = await plugin.Engine.CreateAsync(ThingResource.Type, "web", inputs);
        var state = PropertyCodec.DecodeObject(created.Properties);

        Assert.Equal("thing-1", created.Id);
        Assert.True(created.RefreshBeforeUpdate);
        foreach (var (name, value) in inputs.Properties)
        {
            Assert.Equal(value, state[name]);
        }

        Assert.Equal("serial-thing-1", state["serial"]);
        Assert.Equal(Secret("token-of-thing-1"), state["token"]);
        Assert.Equal(List(Of(("label", "5 GiB"), ("key", Secret("key-of-thing-1")))), state["parts"]);
        Assert.Equal(3, state["schemaVersion"]);
    }

    [Fact]
    public async Task A_preview_changes_nothing_and_knows_what_can_be_known()
    {
        ThingResource things = new();
        await using var plugin = await ServedPackage.StartAsync(things);
        var inputs = await plugin.Engine.CheckedAsync(ThingResource.Type, "web", Program.With("address", UnknownValue.Text));
        var response = await plugin.Engine.CreateAsync(ThingResource.Type, "web", inputs, preview: true);
        var planned = PropertyCodec.DecodeObject(response.Properties);

        Assert.Empty(things.World);
        Assert.Empty(response.Id);
        Assert.Equal(UnknownValue.Text, planned["address"]);
        Assert.Equal(UnknownValue.Text, planned["serial"]);
        Assert.Equal(Secret(UnknownValue.Text), planned["token"]);
        Assert.Equal(new UnknownValue(UnknownKind.Array), planned["parts"]);
        Assert.Equal(6, planned["doubled"]);

        var (created, state) = await CreateAsync(plugin, Program);
        var update = await plugin.Engine.UpdateAsync(ThingResource.Type, "web", created.Id, inputs, state, inputs.With("size", UnknownValue.Text), preview: true);
        planned = PropertyCodec.DecodeObject(update.Properties);
        Assert.Equal("serial-thing-1", planned["serial"]);
        Assert.Equal(new UnknownValue(UnknownKind.Number), planned["doubled"]);
        Assert.Equal(3, things.World["thing-1"].Size);
    }

    [Fact]
    public async Task A_refresh_without_drift_gives_back_what_it_got_and_no_diff()
    {
        await using var plugin = await ServedPackage.StartAsync(new ThingResource());
        var inputs = await plugin.Engine.CheckedAsync(ThingResource.Type, "web", Program);
        var (created, state) = await CreateAsync(plugin, inputs);
        var read = await plugin.Engine.ReadAsync(ThingResource.Type, "web", created.Id, inputs, state);

        Assert.Equal(inputs, PropertyCodec.DecodeObject(read.Inputs));
        Assert.Equal(state, PropertyCodec.DecodeObject(read.Properties));
        Assert.Equal(DiffResponse.Types.DiffChanges.DiffNone, (await plugin.Engine.DiffAsync(ThingResource.Type, "web", created.Id, inputs, state, inputs)).Changes);
    }

    [Fact]
    public async Task Drift_shows_in_the_inputs_that_a_read_answers_and_secrets_stay_secret()
    {
        ThingResource things = new();
        await using var plugin = await ServedPackage.StartAsync(things);
        var inputs = await plugin.Engine.CheckedAsync(ThingResource.Type, "web", Program);
        var (created, state) = await CreateAsync(plugin, inputs);
        things.World[created.Id] = things.World[created.Id] with { Address = "h9" };
        var read = await plugin.Engine.ReadAsync(ThingResource.Type, "web", created.Id, inputs, state);

        var now = PropertyCodec.DecodeObject(read.Inputs);
        Assert.Equal(Secret("h9"), now["address"]);
        Assert.Equal(["address"], (await plugin.Engine.DiffAsync(ThingResource.Type, "web", created.Id, now, PropertyCodec.DecodeObject(read.Properties), inputs)).DetailedDiff.Keys);
    }

    [Fact]
    public async Task An_import_gives_inputs_that_are_no_diff()
    {
        await using var plugin = await ServedPackage.StartAsync(new ThingResource());
        var inputs = await plugin.Engine.CheckedAsync(ThingResource.Type, "web", Program);
        var (created, _) = await CreateAsync(plugin, inputs);
        var read = await plugin.Engine.ReadAsync(ThingResource.Type, "web", created.Id);
        var imported = PropertyCodec.DecodeObject(read.Inputs);

        Assert.Null(imported["password"]);
        Assert.Equal(created.Id, read.Id);
        var written = await plugin.Engine.CheckedAsync(ThingResource.Type, "web", imported, imported);
        Assert.Equal(imported, written);
        Assert.Equal(DiffResponse.Types.DiffChanges.DiffNone, (await plugin.Engine.DiffAsync(ThingResource.Type, "web", created.Id, imported, PropertyCodec.DecodeObject(read.Properties), inputs)).Changes);
    }

    [Fact]
    public async Task What_is_gone_has_no_id()
    {
        await using var plugin = await ServedPackage.StartAsync(new ThingResource());
        var (created, state) = await CreateAsync(plugin, Program);
        await plugin.Engine.DeleteAsync(ThingResource.Type, "web", created.Id, Program, state);
        await plugin.Engine.DeleteAsync(ThingResource.Type, "web", created.Id, Program, state);

        Assert.Empty((await plugin.Engine.ReadAsync(ThingResource.Type, "web", created.Id, Program, state)).Id);
    }

    [Fact]
    public async Task An_operation_knows_the_ids_that_the_engine_named_for_its_urn()
    {
        ThingResource things = new();
        await using var plugin = await ServedPackage.StartAsync(things);
        var inputs = await plugin.Engine.CheckedAsync(ThingResource.Type, "web", Program);
        await plugin.Engine.DiffAsync(ThingResource.Type, "web", "from-the-state", inputs, inputs, inputs);
        await plugin.Engine.DiffAsync(ThingResource.Type, "other", "of-another", inputs, inputs, inputs);
        await plugin.Engine.CreateAsync(ThingResource.Type, "web", inputs);
        Assert.Equal(["from-the-state"], things.LastContext!.NamedIds);

        await plugin.Engine.CreateAsync(ThingResource.Type, "web", inputs);
        Assert.Equal(["from-the-state", "thing-1"], things.LastContext!.NamedIds.Order());

        // One that it deleted stays known, and is told apart.
        await plugin.Engine.DeleteAsync(ThingResource.Type, "web", "from-the-state", inputs, inputs);
        await plugin.Engine.CreateAsync(ThingResource.Type, "web", inputs);
        Assert.Contains("from-the-state", things.LastContext!.NamedIds);
        Assert.DoesNotContain("from-the-state", things.LastContext!.LivingIds);
        Assert.Contains("thing-1", things.LastContext!.LivingIds);
    }

    [Fact]
    public async Task A_failure_half_way_saves_the_state_and_tells_why()
    {
        await using var plugin = await ServedPackage.StartAsync(new ThingResource());
        var inputs = await plugin.Engine.CheckedAsync(ThingResource.Type, "web", Program.With("mode", "half"));
        var fault = await Assert.ThrowsAsync<RpcException>(() => plugin.Engine.CreateAsync(ThingResource.Type, "web", inputs));

        Assert.Equal(StatusCode.Unavailable, fault.StatusCode);
        var detail = EngineSession.PartialFailure(fault)!;
        Assert.Equal("thing-1", detail.Id);
        Assert.True(detail.RefreshBeforeUpdate);
        Assert.Matches("^the host h1 went away; start it, then run `pulumi up` again \\(operation [0-9a-f]{6}\\)$", Assert.Single(detail.Reasons));
        var state = PropertyCodec.DecodeObject(detail.Properties);
        Assert.Equal(inputs["password"], state["password"]);
        Assert.Equal(true, state["stale"]);
        Assert.Equal(inputs, PropertyCodec.DecodeObject(detail.Inputs));
    }

    [Fact]
    public async Task A_users_failure_and_a_bug_read_differently_and_neither_shows_a_secret()
    {
        await using var plugin = await ServedPackage.StartAsync(new ThingResource());
        var conflict = await Assert.ThrowsAsync<RpcException>(() => plugin.Engine.CreateAsync(ThingResource.Type, "web", Program.With("mode", "conflict")));
        Assert.Equal(StatusCode.Aborted, conflict.StatusCode);
        Assert.Matches("^another thing has that name; import it \\(operation [0-9a-f]{6}\\)$", conflict.Status.Detail);

        var bug = await Assert.ThrowsAsync<RpcException>(() => plugin.Engine.CreateAsync(ThingResource.Type, "web", Program.With("mode", "bug")));
        Assert.Equal(StatusCode.Internal, bug.StatusCode);
        Assert.StartsWith("Create of web failed by InvalidOperationException; this is a bug in pulumi-resource-blanket", bug.Status.Detail);
        Assert.Contains("ObeyAsync", plugin.Errors);
        Assert.DoesNotContain("a password", bug.Status.Detail + plugin.Errors);
    }

    [Fact]
    public async Task Cancel_ends_what_is_in_flight_and_nothing_that_comes_after()
    {
        ThingResource things = new();
        await using var plugin = await ServedPackage.StartAsync(things);
        var waiting = plugin.Engine.CreateAsync(ThingResource.Type, "web", Program.With("mode", "wait"));
        await things.Waiting.Task.WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);
        await plugin.Engine.Client.CancelAsync(new Google.Protobuf.WellKnownTypes.Empty(), cancellationToken: TestContext.Current.CancellationToken);

        var fault = await Assert.ThrowsAsync<RpcException>(() => waiting);
        Assert.Equal(StatusCode.Cancelled, fault.StatusCode);
        Assert.StartsWith("Create of web was cancelled", fault.Status.Detail);
        await plugin.Engine.CreateAsync(ThingResource.Type, "web", Program);
    }

    [Fact]
    public async Task An_operations_time_limit_is_the_users()
    {
        await using var plugin = await ServedPackage.StartAsync(new ThingResource());
        var fault = await Assert.ThrowsAsync<RpcException>(() => plugin.Engine.CreateAsync(ThingResource.Type, "web", Program.With("mode", "wait"), timeout: 0.3));

        Assert.Equal(StatusCode.DeadlineExceeded, fault.StatusCode);
        Assert.Contains("Create of web did not end within 0.3 s", fault.Status.Detail);
        Assert.Contains("customTimeouts.create", fault.Status.Detail);
    }

    [Fact]
    public async Task Messages_and_views_reach_the_engine_before_the_answer_does()
    {
        await using var plugin = await ServedPackage.StartAsync(new ThingResource());
        await CreateAsync(plugin, Program);

        Assert.Equal(
            [(LogSeverity.Info, "making the thing", true), (LogSeverity.Info, "made the thing", false)],
            plugin.Host.Logs.Select(log => (log.Severity, log.Message, log.Ephemeral)));
        Assert.All(plugin.Host.Logs, log => Assert.Equal(EngineSession.UrnOf(ThingResource.Type, "web"), log.Urn));
        var published = Assert.Single(plugin.Host.Views);
        Assert.Equal("token", published.Token);
        Assert.Equal(Protocol.Contract.ViewStep.Types.Op.Create, Assert.Single(published.Steps).Op);
    }

    [Fact]
    public async Task What_exists_can_be_listed()
    {
        await using var plugin = await ServedPackage.StartAsync(new ThingResource());
        for (var number = 0; number < 3; number++)
        {
            await CreateAsync(plugin, Program.With("name", $"web-{number}"));
        }

        Assert.Equal([("thing-1", "web-0"), ("thing-2", "web-1")], await plugin.Engine.ListAsync(ThingResource.Type, limit: 2));
    }

    private static async Task<(CreateResponse Response, ObjectValue State)> CreateAsync(ServedPackage plugin, ObjectValue inputs)
    {
        var created = await plugin.Engine.CreateAsync(ThingResource.Type, "web", inputs);
        return (created, PropertyCodec.DecodeObject(created.Properties));
    }
}
