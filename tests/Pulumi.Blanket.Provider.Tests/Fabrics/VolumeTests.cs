using Grpc.Core;
using Pulumi.Blanket.Protocol;
using Pulumi.Blanket.Protocol.Contract;
using Pulumi.Blanket.Protocol.Values;
using Pulumi.Blanket.Provider.Tests.Engine;
using Pulumi.Blanket.Provider.Tests.Support;
using static Pulumi.Blanket.Provider.Tests.Support.Objects;

namespace Pulumi.Blanket.Provider.Tests.Fabrics;

/// <summary>Volumes: what one member has, wherever it is.</summary>
public sealed class VolumeTests
{
    private const string Type = ServedFabric.Volume;

    [Fact]
    public async Task It_is_made_where_it_is_wished_grows_and_is_deleted()
    {
        await using var served = await ServedFabric.StartAsync();
        var made = await served.CreateAsync(Type, "data", Program(served).With("host", "c"));
        Assert.Equal("c", Text(made.State["location"]));
        var uuid = made.Id["fab1/".Length..];
        Assert.Equal(5, served.Fabric["c"].Volumes[uuid].Spec.SizeGib);
        Assert.Equal(made.State, (await served.ReadAsync(Type, "data", made)).State);

        made = await served.UpdateAsync(Type, "data", made, Program(served).With("host", "c").With("sizeGiB", 9));
        Assert.Equal((9, 9), (served.Fabric["c"].Volumes[uuid].Spec.SizeGib, served.Fabric.Facts.Volumes[0].SizeGib));

        await served.Engine.DeleteAsync(Type, "data", made.Id, made.Inputs, made.State);
        Assert.Empty(served.Fabric["c"].Volumes);
        Assert.Empty(served.Fabric.Facts.Volumes);
    }

    [Fact]
    public async Task It_neither_shrinks_nor_goes_to_another_fabric()
    {
        await using var served = await ServedFabric.StartAsync();
        var made = await served.CreateAsync(Type, "data", Program(served));
        var shrunk = Assert.Single((await served.Engine.CheckAsync(Type, "data", Program(served).With("sizeGiB", 4), made.Inputs)).Failures);
        Assert.Equal("sizeGiB", shrunk.Property);
        Assert.Contains("5 or more", shrunk.Reason, StringComparison.Ordinal);
        var elsewhere = ((ObjectValue)served.Fabric.Connection.Bare).With("fabricId", "fab2");
        Assert.Equal("fabric", Assert.Single((await served.Engine.CheckAsync(Type, "data", Program(served).With("fabric", elsewhere), made.Inputs)).Failures).Property);
    }

    [Fact]
    public async Task Its_host_counts_when_it_is_made_and_moving_it_says_not_yet()
    {
        await using var served = await ServedFabric.StartAsync();
        var made = await served.CreateAsync(Type, "data", Program(served));
        Assert.Equal(DiffResponse.Types.DiffChanges.DiffNone, (await served.DiffAsync(Type, "data", made, Program(served).With("host", "a"))).Changes);
        var unknown = await served.DiffAsync(Type, "data", made, Program(served).With("host", UnknownValue.Text));
        Assert.Equal(["host"], unknown.Diffs);
        Assert.Empty(unknown.Replaces);

        var program = Program(served).With("host", "b");
        Assert.Equal(["host"], (await served.DiffAsync(Type, "data", made, program)).Diffs);
        var inputs = await served.Engine.CheckedAsync(Type, "data", program, made.Inputs);
        foreach (var preview in new[] { true, false })
        {
            var fault = await ServedFabric.FailureAsync(() => served.Engine.UpdateAsync(Type, "data", made.Id, made.Inputs, made.State, inputs, preview));
            Assert.Equal(StatusCode.FailedPrecondition, fault.StatusCode);
            Assert.Contains("later version", fault.Status.Detail, StringComparison.Ordinal);
            Assert.Null(EngineSession.PartialFailure(fault));
        }

        // A VM took it along: what was said before is no contradiction.
        Assert.Equal(DiffResponse.Types.DiffChanges.DiffNone, (await served.DiffAsync(Type, "data", (made.Id, inputs, made.State), program)).Changes);
    }

    [Fact]
    public async Task It_is_gone_only_when_everybody_answered_and_nobody_has_it()
    {
        await using var served = await ServedFabric.StartAsync();
        var made = await served.CreateAsync(Type, "data", Program(served).With("host", "c"));
        served.Fabric["c"].IsSilent = true;
        Assert.Equal(made.State, (await served.ReadAsync(Type, "data", made)).State);
        var fault = await ServedFabric.FailureAsync(() => served.Engine.DeleteAsync(Type, "data", made.Id, made.Inputs, made.State));
        Assert.Equal(StatusCode.Unavailable, fault.StatusCode);
        Assert.Contains("lostHosts", fault.Status.Detail, StringComparison.Ordinal);

        await served.ConfigureAsync(Of(("lostHosts", List("c"))));
        Assert.Equal("", (await served.ReadAsync(Type, "data", made)).Id);
        await served.Engine.DeleteAsync(Type, "data", made.Id, made.Inputs, made.State);
        Assert.Empty(served.Fabric.Facts.Volumes);
    }

    [Fact]
    public async Task It_is_found_on_another_member()
    {
        await using var served = await ServedFabric.StartAsync();
        var made = await served.CreateAsync(Type, "data", Program(served).With("host", "c"));
        var uuid = made.Id["fab1/".Length..];
        served.Fabric["c"].Volumes.TryRemove(uuid, out var view);
        view!.Location = "id-of-b";
        served.Fabric["b"].Volumes[uuid] = view;
        var read = await served.ReadAsync(Type, "data", made);
        Assert.Equal("b", Text(read.State["location"]));
        Assert.Equal(DiffResponse.Types.DiffChanges.DiffNone, (await served.DiffAsync(Type, "data", read, Program(served).With("host", "c"))).Changes);
    }

    [Fact]
    public async Task What_could_not_be_made_leaves_nothing_or_is_finished_by_the_next_update()
    {
        await using var served = await ServedFabric.StartAsync();
        var inputs = await served.Engine.CheckedAsync(Type, "data", Program(served));
        served.Fabric.Fault = static method => method == "VolumeAgent/Create" ? new RpcException(new Status(StatusCode.ResourceExhausted, "the disk is full")) : null;
        var fault = await ServedFabric.FailureAsync(() => served.Engine.CreateAsync(Type, "data", inputs));
        Assert.Null(EngineSession.PartialFailure(fault));
        Assert.Empty(served.Fabric.Facts.Volumes);

        served.Fabric.Fault = static method => method == "VolumeAgent/Create" ? new RpcException(new Status(StatusCode.Unavailable, "cut")) : null;
        fault = await ServedFabric.FailureAsync(() => served.Engine.CreateAsync(Type, "data", inputs));
        var partial = EngineSession.PartialFailure(fault)!;
        served.Fabric.Fault = static _ => null;
        var old = (partial.Id, inputs, PropertyCodec.DecodeObject(partial.Properties));
        Assert.Equal(["location"], (await served.DiffAsync(Type, "data", old, Program(served))).Diffs);
        Assert.Equal("a", Text((await served.UpdateAsync(Type, "data", old, Program(served))).State["location"]));
        Assert.Single(served.Fabric["a"].Volumes);
        Assert.Single(served.Fabric.Facts.Volumes);
    }

    [Fact]
    public async Task An_import_gives_no_diff_with_the_program_that_made_it()
    {
        await using var served = await ServedFabric.StartAsync();
        var program = Program(served).With("name", "data").With("host", "b");
        var made = await served.CreateAsync(Type, "data", program);
        foreach (var id in new[] { made.Id, "fab1/data" })
        {
            var imported = await served.ImportAsync(Type, "data", id);
            Assert.Equal(made.Id, imported.Id);
            Assert.Equal(DiffResponse.Types.DiffChanges.DiffNone, (await served.DiffAsync(Type, "data", imported, program)).Changes);
        }
    }

    private static ObjectValue Program(ServedFabric served) => Of(("fabric", served.Fabric.Connection), ("sizeGiB", 5));

    private static string? Text(PropertyValue? value) => (value?.Bare as StringValue)?.Text;
}
