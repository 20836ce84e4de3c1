using Pulumi.Blanket.Protocol;
using Pulumi.Blanket.Protocol.Contract;
using Pulumi.Blanket.Protocol.Values;
using Pulumi.Blanket.Provider.Tests.Support;
using static Pulumi.Blanket.Provider.Tests.Support.Objects;

namespace Pulumi.Blanket.Provider.Tests;

/// <summary>Diff tells what an update changes, and what it can't change in place.</summary>
public sealed class DiffTests
{
    private static readonly ObjectValue Inputs = Of(("name", "web"), ("address", "h1"), ("zone", "a"), ("labels", Of(("a.b", "x"))), ("disks", List(Of(("sizeGiB", 1)))));
    private static readonly ObjectValue Outputs = Of(("serial", "s"), ("token", Secret("t")), ("doubled", 2), ("parts", List()), ("schemaVersion", 3));

    [Fact]
    public async Task Equal_inputs_are_no_diff_whatever_wraps_them()
    {
        var response = await DiffAsync(Inputs.With("address", Secret("h1")).With("zone", new OutputValue("a", false, ["urn:x"])));

        Assert.Equal(DiffResponse.Types.DiffChanges.DiffNone, response.Changes);
        Assert.True(response.HasDetailedDiff);
        Assert.Empty(response.Diffs);
        Assert.Empty(response.DetailedDiff);
        Assert.Equal(["serial"], response.Stables);
    }

    [Fact]
    public async Task Defaults_on_one_side_alone_are_no_diff()
        => Assert.Equal(DiffResponse.Types.DiffChanges.DiffNone, (await DiffAsync(Inputs.With("port", 22).With("size", 1).With("limit", NullValue.Instance))).Changes);

    [Fact]
    public async Task Each_change_has_its_path_and_kind()
    {
        var response = await DiffAsync(Inputs.With("address", "h2").With("labels", Of(("c", "y"))).With("disks", List(Of(("sizeGiB", 2)), Of(("sizeGiB", 3)))));

        Assert.Equal(DiffResponse.Types.DiffChanges.DiffSome, response.Changes);
        Assert.Equal(["address", "disks", "labels"], response.Diffs);
        Assert.Empty(response.Replaces);
        Assert.Equal(
            [
                ("address", PropertyDiff.Types.Kind.Update), ("disks[0].sizeGiB", PropertyDiff.Types.Kind.Update), ("disks[1]", PropertyDiff.Types.Kind.Add),
                ("labels.c", PropertyDiff.Types.Kind.Add), ("labels[\"a.b\"]", PropertyDiff.Types.Kind.Delete),
            ],
            response.DetailedDiff.Select(pair => (pair.Key, pair.Value.Kind)).OrderBy(pair => pair.Key, StringComparer.Ordinal));
        Assert.All(response.DetailedDiff.Values, diff => Assert.True(diff.InputDiff));
    }

    [Fact]
    public async Task What_cannot_change_in_place_replaces()
    {
        var changed = await DiffAsync(Inputs.With("zone", "b"));
        Assert.Equal(["zone"], changed.Replaces);
        Assert.Equal(PropertyDiff.Types.Kind.UpdateReplace, changed.DetailedDiff["zone"].Kind);
        Assert.Empty(changed.Stables);
        Assert.Equal(PropertyDiff.Types.Kind.DeleteReplace, (await DiffAsync(Inputs.Without("zone"))).DetailedDiff["zone"].Kind);
        Assert.Equal(PropertyDiff.Types.Kind.AddReplace, (await DiffAsync(Inputs.With("follows", "x"))).DetailedDiff["follows"].Kind);
    }

    [Fact]
    public async Task An_unknown_new_value_is_an_update_or_replaces_as_the_definition_says()
    {
        Assert.Equal(PropertyDiff.Types.Kind.Update, (await DiffAsync(Inputs.With("address", UnknownValue.Text))).DetailedDiff["address"].Kind);
        Assert.Equal(["zone"], (await DiffAsync(Inputs.With("zone", UnknownValue.Text))).Replaces);
        var follows = await DiffAsync(Inputs.With("follows", UnknownValue.Text));
        Assert.Empty(follows.Replaces);
        Assert.Equal(PropertyDiff.Types.Kind.Add, follows.DetailedDiff["follows"].Kind);
    }

    [Fact]
    public async Task A_resource_can_ignore_inputs_and_take_a_missing_old_one_as_the_same()
    {
        Assert.Equal(DiffResponse.Types.DiffChanges.DiffNone, (await DiffAsync(Inputs.With("note", "new").With("password", "imported")))!.Changes);
        var known = Inputs.With("password", Secret("before it"));
        Assert.Equal(["password"], (await DiffAsync(known.With("password", Secret("after it")), known)).Diffs);
    }

    [Fact]
    public async Task Outputs_that_are_not_as_wished_are_an_update_of_an_output()
    {
        await using var plugin = await ServedPackage.StartAsync(new ThingResource());
        var response = await plugin.Engine.DiffAsync(ThingResource.Type, "web", "thing-1", Inputs, State(Inputs).With("stale", true), Inputs);

        Assert.Equal(["stale"], response.Diffs);
        Assert.False(response.DetailedDiff["stale"].InputDiff);
    }

    [Fact]
    public async Task An_engine_without_old_inputs_is_served_from_the_state()
    {
        await using var plugin = await ServedPackage.StartAsync(new ThingResource());
        var response = await plugin.Engine.DiffAsync(ThingResource.Type, "web", "thing-1", ObjectValue.Empty, State(Inputs), Inputs.With("size", 2));

        Assert.Equal(["size"], response.DetailedDiff.Keys);
    }

    [Fact]
    public async Task States_of_every_age_are_read()
    {
        await using var plugin = await ServedPackage.StartAsync(new ThingResource());
        var old = Inputs.With("magnitude", 7);
        var first = State(old).Without("serial").Without("schemaVersion");
        Assert.Equal(DiffResponse.Types.DiffChanges.DiffNone, (await plugin.Engine.DiffAsync(ThingResource.Type, "web", "thing-1", old, first, Inputs.With("size", 7))).Changes);

        var fault = await Assert.ThrowsAsync<Grpc.Core.RpcException>(() => plugin.Engine.DiffAsync(ThingResource.Type, "web", "thing-1", Inputs, State(Inputs).With("schemaVersion", 4), Inputs));
        Assert.Equal(Grpc.Core.StatusCode.FailedPrecondition, fault.StatusCode);
        Assert.Contains("version 4", fault.Status.Detail);
    }

    private static ObjectValue State(ObjectValue inputs) => new(inputs.Properties.SetItems(Outputs.Properties));

    private static async Task<DiffResponse> DiffAsync(ObjectValue news, ObjectValue? olds = null)
    {
        await using var plugin = await ServedPackage.StartAsync(new ThingResource());
        return await plugin.Engine.DiffAsync(ThingResource.Type, "web", "thing-1", olds ?? Inputs, State(olds ?? Inputs), news);
    }
}
