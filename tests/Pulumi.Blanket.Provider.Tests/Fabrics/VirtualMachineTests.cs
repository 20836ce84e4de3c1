using Grpc.Core;
using Pulumi.Blanket.Contract;
using Pulumi.Blanket.Protocol;
using Pulumi.Blanket.Protocol.Contract;
using Pulumi.Blanket.Protocol.Values;
using Pulumi.Blanket.Provider.Agents;
using Pulumi.Blanket.Provider.Configuration;
using Pulumi.Blanket.Provider.Errors;
using Pulumi.Blanket.Provider.Resources.VirtualMachine;
using Pulumi.Blanket.Provider.Tests.Engine;
using Pulumi.Blanket.Provider.Tests.Support;
using static Pulumi.Blanket.Provider.Tests.Support.Objects;

namespace Pulumi.Blanket.Provider.Tests.Fabrics;

/// <summary>The life of VMs, as the engine leads it: nothing is doubled, nothing is lost, and silence is not absence.</summary>
public sealed class VirtualMachineTests
{
    private const string Type = ServedFabric.Machine;

    private static readonly string Image = new('1', 64);
    private static readonly string Volume = "11111111-1111-4111-8111-111111111111";

    [Fact]
    public async Task It_is_made_with_room_and_addresses_and_deleted_with_all_that_it_held()
    {
        await using var served = await ServedFabric.StartAsync();
        var made = await served.CreateAsync(Type, "web", Full(served));
        Assert.True(Guid.TryParse(made.Id, out _));
        Assert.Equal(("c", "c", "running"), (Text(made.State["location"]), Text(made.State["settledHost"]), Text(made.State["state"])));
        Assert.Equal(List("10.1.0.10", "10.2.0.3"), made.State["addresses"]);
        var claim = served.Fabric.Facts.Machines.Single();
        Assert.Equal((made.Id, 2, 512, 30 * 1024), (claim.Uuid, claim.Vcpus, claim.MemoryMib, claim.StorageMib));
        Assert.Equal([Image, new string('8', 64), new string('9', 64)], claim.Images);
        Assert.Equal([Volume], claim.Volumes);

        var spec = served.Fabric["c"].Machines[made.Id].Spec;
        Assert.Equal((Image, 20, "virtio"), (spec.Disks[0].Image, spec.Disks[0].SizeGib, spec.Disks[0].Bus));
        Assert.Equal(("10.1.0.10", "52:54:00:00:00:aa"), (spec.Nics[0].Address, spec.Nics[0].Mac));
        Assert.Equal("#cloud-config\n{}", spec.CloudInit.UserData);
        Assert.Contains("defining it", served.Progress);
        Assert.Equal(DiffResponse.Types.DiffChanges.DiffNone, (await served.DiffAsync(Type, "web", made, Full(served))).Changes);

        await served.Engine.DeleteAsync(Type, "web", made.Id, made.Inputs, made.State);
        Assert.Empty(served.Fabric["c"].Machines);
        Assert.Empty(served.Fabric.Facts.Machines);
        await served.Engine.DeleteAsync(Type, "web", made.Id, made.Inputs, made.State);
    }

    [Fact]
    public async Task What_is_read_back_gives_no_diff_whether_refreshed_or_imported()
    {
        await using var served = await ServedFabric.StartAsync();
        foreach (var (name, program) in new[] { ("web", Full(served)), ("tiny", Tiny(served).With("name", "tiny")), ("empty", Tiny(served).With("name", "empty").With("cloudInit", Of())) })
        {
            var made = await served.CreateAsync(Type, name, program);
            var read = await served.ReadAsync(Type, name, made);
            Assert.Equal(made.State, read.State);
            Assert.Equal(made.Inputs, read.Inputs);
            foreach (var id in new[] { $"fab1/{made.Id}", $"fab1/{name}", made.Id })
            {
                var imported = await served.ImportAsync(Type, name, id);
                Assert.Equal(made.Id, imported.Id);
                var diff = await served.DiffAsync(Type, name, imported, program);
                Assert.Empty(diff.DetailedDiff.Keys);
                Assert.Equal(made.State.Without("fabric").Without("cloudInit"), imported.State.Without("fabric").Without("cloudInit"));
                Assert.True(imported.Inputs["cloudInit"] is null || imported.Inputs["cloudInit"]!.ContainsSecret == program["cloudInit"] is ObjectValue { Properties.IsEmpty: false });
            }
        }
    }

    [Fact]
    public async Task Changes_are_made_where_it_is_and_ask_the_primary_only_for_room()
    {
        await using var served = await ServedFabric.StartAsync();
        var made = await served.CreateAsync(Type, "web", Tiny(served).With("host", "b").With("maxVcpus", 4));
        var program = Tiny(served).With("host", "b").With("maxVcpus", 4).With("labels", Of(("tier", "web"))).With("running", false);
        served.Fabric.Calls.Clear();
        made = await served.UpdateAsync(Type, "web", made, program);
        Assert.Equal("stopped", Text(made.State["state"]));
        Assert.Equal("web", served.Fabric["b"].Machines[made.Id].Spec.Labels["tier"]);
        Assert.DoesNotContain(served.Fabric.Calls, call => call.Method == "FabricRegistry/ClaimMachine");

        made = await served.UpdateAsync(Type, "web", made, program.With("vcpus", 3));
        Assert.Equal((3, 3), (served.Fabric.Facts.Machines[0].Vcpus, served.Fabric["b"].Machines[made.Id].Spec.Vcpus));
        await served.UpdateAsync(Type, "web", made, program.With("vcpus", 1));
        Assert.Equal((1, 1), (served.Fabric.Facts.Machines[0].Vcpus, served.Fabric["b"].Machines[made.Id].Spec.Vcpus));
    }

    [Fact]
    public async Task Without_the_primary_what_exists_goes_on()
    {
        await using var served = await ServedFabric.StartAsync();
        var made = await served.CreateAsync(Type, "web", Tiny(served).With("host", "b"));
        served.Fabric.Facts.Primary = "id-of-c";
        served.Fabric["c"].IsSilent = true;
        made = await served.UpdateAsync(Type, "web", made, Tiny(served).With("host", "b").With("running", false));
        Assert.Equal("stopped", Text(made.State["state"]));

        var inputs = await served.Engine.CheckedAsync(Type, "web", Tiny(served).With("host", "b").With("memoryMiB", 1024).With("running", false), made.Inputs);
        var fault = await ServedFabric.FailureAsync(() => served.Engine.UpdateAsync(Type, "web", made.Id, made.Inputs, made.State, inputs));
        Assert.Contains("primary", fault.Status.Detail, StringComparison.Ordinal);
        Assert.Equal(64, served.Fabric["b"].Machines[made.Id].Spec.MemoryMib);
    }

    [Fact]
    public async Task A_restart_that_is_not_allowed_is_refused_before_anything_is_changed()
    {
        await using var served = await ServedFabric.StartAsync();
        var made = await served.CreateAsync(Type, "web", Tiny(served));
        var inputs = await served.Engine.CheckedAsync(Type, "web", Tiny(served).With("vcpus", 2), made.Inputs);
        var fault = await ServedFabric.FailureAsync(() => served.Engine.UpdateAsync(Type, "web", made.Id, made.Inputs, made.State, inputs));
        Assert.Contains("allowRestart", fault.Status.Detail, StringComparison.Ordinal);
        Assert.Equal((1, 1), (served.Fabric.Facts.Machines[0].Vcpus, served.Fabric["a"].Machines[made.Id].Spec.Vcpus));
    }

    [Fact]
    public async Task A_change_that_fails_gives_back_the_room_and_tells_what_it_came_to()
    {
        await using var served = await ServedFabric.StartAsync();
        var made = await served.CreateAsync(Type, "web", Tiny(served).With("running", false));
        var view = served.Fabric["a"].Machines[made.Id];
        var inputs = await served.Engine.CheckedAsync(Type, "web", Tiny(served).With("running", false).With("vcpus", 4), made.Inputs);
        served.Fabric.Fault = static method => method == "MachineAgent/Update" ? new RpcException(new Status(StatusCode.FailedPrecondition, "no")) : null;
        var fault = await ServedFabric.FailureAsync(() => served.Engine.UpdateAsync(Type, "web", made.Id, made.Inputs, made.State, inputs));
        Assert.Null(EngineSession.PartialFailure(fault));
        Assert.Equal(1, served.Fabric.Facts.Machines[0].Vcpus);

        served.Fabric.Fault = method =>
        {
            if (method != "MachineAgent/Update")
            {
                return null;
            }

            view.State = MachineState.Running;
            return new RpcException(new Status(StatusCode.FailedPrecondition, "half of it"));
        };
        fault = await ServedFabric.FailureAsync(() => served.Engine.UpdateAsync(Type, "web", made.Id, made.Inputs, made.State, inputs));
        Assert.Equal("running", Text(PropertyCodec.DecodeObject(EngineSession.PartialFailure(fault)!.Properties)["state"]));
    }

    [Fact]
    public async Task Drift_shows_in_what_is_read()
    {
        await using var served = await ServedFabric.StartAsync();
        var made = await served.CreateAsync(Type, "web", Tiny(served));
        var view = served.Fabric["a"].Machines[made.Id];
        view.State = MachineState.Stopped;
        view.Spec.MemoryMib = 32;
        var read = await served.ReadAsync(Type, "web", made);
        Assert.Equal((false, "stopped"), (((BoolValue)read.Inputs["running"]!).Truth, Text(read.State["state"])));
        Assert.Equal(["memoryMiB", "running", "state"], (await served.DiffAsync(Type, "web", read, Tiny(served))).Diffs.Order());

        served.Fabric["a"].Machines.TryRemove(made.Id, out _);
        view.Location = "id-of-c";
        served.Fabric["c"].Machines[made.Id] = view;
        Assert.Equal("c", Text((await served.ReadAsync(Type, "web", made)).State["location"]));
    }

    [Fact]
    public async Task It_is_gone_only_when_everybody_answered_and_nobody_has_it()
    {
        await using var served = await ServedFabric.StartAsync();
        var made = await served.CreateAsync(Type, "web", Tiny(served).With("host", "c"));
        served.Fabric["c"].IsSilent = true;
        Assert.Equal(made.State, (await served.ReadAsync(Type, "web", made)).State);
        Assert.Contains(served.Told, text => text.Contains("host c:", StringComparison.Ordinal) && text.Contains("lostHosts", StringComparison.Ordinal));
        var fault = await ServedFabric.FailureAsync(() => served.Engine.DeleteAsync(Type, "web", made.Id, made.Inputs, made.State));
        Assert.Equal(StatusCode.Unavailable, fault.StatusCode);
        Assert.Contains("nothing was changed", fault.Status.Detail, StringComparison.Ordinal);

        await served.ConfigureAsync(Of(("lostHosts", List("id-of-c"))));
        Assert.Equal("", (await served.ReadAsync(Type, "web", made)).Id);
        await served.Engine.DeleteAsync(Type, "web", made.Id, made.Inputs, made.State);
        Assert.Empty(served.Fabric.Facts.Machines);
    }

    [Fact]
    public async Task What_was_on_a_lost_host_is_deleted_even_where_nobody_can_be_asked()
    {
        await using var served = await ServedFabric.StartAsync(configuration: Of(("lostHosts", List("c"))));
        var made = await served.CreateAsync(Type, "web", Tiny(served));
        served.Fabric.Fault = static _ => new RpcException(new Status(StatusCode.Unavailable, "resting"));
        await served.Engine.DeleteAsync(Type, "web", made.Id, made.Inputs, made.State.With("location", "c"));
        Assert.Contains(served.Told, text => text.Contains("c, which is lost", StringComparison.Ordinal));
        await ServedFabric.FailureAsync(() => served.Engine.DeleteAsync(Type, "web", made.Id, made.Inputs, made.State));
    }

    [Fact]
    public void The_name_of_a_host_that_is_being_replaced_gives_up_nobody()
    {
        Member former = new() { MachineId = "0123456789abcdef", Departing = true, Settings = new HostSettings { Name = "edge-01234567" } };
        Member successor = new() { MachineId = "fedcba9876543210", Settings = new HostSettings { Name = "edge" } };
        Member[] members = [former, successor, new() { MachineId = "1111222233334444", Settings = new HostSettings { Name = "other" } }];
        var fault = Assert.Throws<ProviderException>(() => LostHosts.RefuseAmbiguous(Lost("edge"), members));
        Assert.Equal(FailureReason.BadInput, fault.Reason);
        Assert.Contains(former.MachineId, fault.Message, StringComparison.Ordinal);
        foreach (var plain in new[] { former.MachineId, successor.MachineId, "edge-01234567", "other" })
        {
            LostHosts.RefuseAmbiguous(Lost(plain), members);
        }

        // Once the former one has left, its name is its successor's alone.
        LostHosts.RefuseAmbiguous(Lost("edge"), members[1..]);

        static ProviderConfiguration Lost(string host) => ProviderConfiguration.Read(Of(("lostHosts", List(host))));
    }

    [Fact]
    public async Task A_create_that_got_no_answer_is_finished_by_the_next_update_and_doubled_by_nothing()
    {
        await using var served = await ServedFabric.StartAsync();
        var inputs = await served.Engine.CheckedAsync(Type, "web", Tiny(served));
        served.Fabric.Fault = static method => method == "MachineAgent/Create" ? new RpcException(new Status(StatusCode.Unavailable, "cut")) : null;
        var partial = EngineSession.PartialFailure(await ServedFabric.FailureAsync(() => served.Engine.CreateAsync(Type, "web", inputs)))!;
        Assert.True(partial.RefreshBeforeUpdate);
        var old = (partial.Id, inputs, PropertyCodec.DecodeObject(partial.Properties));
        Assert.Equal(("a", ""), (Text(old.Item3["location"]), Text(old.Item3["state"])));

        // Not gone, although no domain is there yet.
        old = await served.ReadAsync(Type, "web", old);
        Assert.Equal(partial.Id, old.Id);
        Assert.Equal(["state"], (await served.DiffAsync(Type, "web", old, Tiny(served))).Diffs);
        served.Fabric.Fault = static _ => null;
        var made = await served.UpdateAsync(Type, "web", old, Tiny(served));
        Assert.Equal("running", Text(made.State["state"]));
        Assert.Equal([made.Id], served.Fabric.Facts.Machines.Select(claim => claim.Uuid));
    }

    [Fact]
    public async Task What_is_not_there_yet_may_be_wished_on_another_host()
    {
        await using var served = await ServedFabric.StartAsync();
        var inputs = await served.Engine.CheckedAsync(Type, "web", Tiny(served).With("host", "a"));
        served.Fabric.Fault = static method => method == "MachineAgent/Create" ? new RpcException(new Status(StatusCode.Unavailable, "cut")) : null;
        var partial = EngineSession.PartialFailure(await ServedFabric.FailureAsync(() => served.Engine.CreateAsync(Type, "web", inputs)))!;
        served.Fabric.Fault = static _ => null;
        var old = (partial.Id, inputs, PropertyCodec.DecodeObject(partial.Properties));
        await served.Engine.UpdateAsync(Type, "web", old.Id, old.inputs, old.Item3, await served.Engine.CheckedAsync(Type, "web", Tiny(served).With("host", "b"), inputs), preview: true);
        var made = await served.UpdateAsync(Type, "web", old, Tiny(served).With("host", "b"));
        Assert.Equal("b", Text(made.State["location"]));
        Assert.Equal("id-of-b", Assert.Single(served.Fabric.Facts.Machines).Member);
    }

    [Fact]
    public async Task One_that_is_being_made_is_finished_too()
    {
        await using var served = await ServedFabric.StartAsync();
        var made = await served.CreateAsync(Type, "web", Tiny(served));
        served.Fabric["a"].Machines[made.Id].Phase = MachinePhase.Creating;
        var read = await served.ReadAsync(Type, "web", made);
        Assert.Equal("", Text(read.State["state"]));
        served.Fabric.Calls.Clear();
        Assert.Equal("running", Text((await served.UpdateAsync(Type, "web", read, Tiny(served))).State["state"]));
        Assert.Contains(served.Fabric.Calls, call => call.Method == "MachineAgent/Create");
    }

    [Fact]
    public async Task One_that_could_not_be_made_leaves_nothing_behind_so_that_another_host_can_be_named()
    {
        await using var served = await ServedFabric.StartAsync();
        var inputs = await served.Engine.CheckedAsync(Type, "web", Tiny(served).With("host", "b"));
        served.Fabric.Fault = static method => method == "MachineAgent/Create" ? new RpcException(new Status(StatusCode.ResourceExhausted, "the disk of b is full")) : null;
        var fault = await ServedFabric.FailureAsync(() => served.Engine.CreateAsync(Type, "web", inputs));
        Assert.Null(EngineSession.PartialFailure(fault));
        Assert.Contains("the disk of b is full", fault.Status.Detail, StringComparison.Ordinal);
        Assert.Empty(served.Fabric.Facts.Machines);
    }

    [Fact]
    public async Task A_machine_that_was_made_once_is_never_taken_back()
    {
        await using var served = await ServedFabric.StartAsync();
        var made = await served.CreateAsync(Type, "web", Tiny(served));

        // Its answer got lost, and with it the id: another process finds it again, and fails on the way.
        await using var other = await ServedPackage.StartAsync(new VirtualMachineResource(served.Fabric.Access));
        await other.Engine.ConfigureAsync(ObjectValue.Empty);
        served.Fabric.Fault = static method => method == "MachineAgent/Create" ? new RpcException(new Status(StatusCode.FailedPrecondition, "no")) : null;
        var fault = await ServedFabric.FailureAsync(() => other.Engine.CreateAsync(Type, "web", made.Inputs));
        Assert.Equal(made.Id, EngineSession.PartialFailure(fault)!.Id);
        Assert.Contains(made.Id, served.Fabric["a"].Machines.Keys);
    }

    [Fact]
    public async Task The_new_half_of_a_replacement_is_another_and_the_old_one_is_told()
    {
        await using var served = await ServedFabric.StartAsync();
        var old = await served.CreateAsync(Type, "web", Tiny(served));
        var @new = await served.CreateAsync(Type, "web", Tiny(served));
        Assert.NotEqual(old.Id, @new.Id);
        Assert.Equal(MachinePhase.Retired, served.Fabric["a"].Machines[old.Id].Phase);
        await served.Engine.DeleteAsync(Type, "web", old.Id, old.Inputs, old.State);
        Assert.Equal([@new.Id], served.Fabric.Facts.Machines.Select(claim => claim.Uuid));
    }

    [Fact]
    public async Task One_that_was_deleted_by_hand_is_made_anew_and_what_it_held_is_given_back()
    {
        await using var served = await ServedFabric.StartAsync();
        var old = await served.CreateAsync(Type, "web", Tiny(served));
        served.Fabric["a"].Machines.Clear();
        Assert.Equal("", (await served.ReadAsync(Type, "web", old)).Id);
        var fault = await ServedFabric.FailureAsync(() => served.UpdateAsync(Type, "web", old, Tiny(served).With("running", false)));
        Assert.Equal(StatusCode.NotFound, fault.StatusCode);
        var @new = await served.CreateAsync(Type, "web", Tiny(served));
        Assert.Equal([@new.Id], served.Fabric.Facts.Machines.Select(claim => claim.Uuid));
    }

    [Fact]
    public async Task Two_hundred_are_read_with_one_call_each_and_one_for_the_directory()
    {
        await using var served = await ServedFabric.StartAsync();
        var made = await Task.WhenAll(Enumerable.Range(0, 200).Select(index => served.CreateAsync(Type, $"vm-{index}", Tiny(served))));
        served.Fabric.Calls.Clear();
        await Task.WhenAll(made.Select((machine, index) => served.ReadAsync(Type, $"vm-{index}", machine)));
        Assert.InRange(served.Fabric.Calls.Count, 200, 205);
    }

    [Fact]
    public async Task Offline_nobody_is_asked()
    {
        await using var served = await ServedFabric.StartAsync();
        var made = await served.CreateAsync(Type, "web", Tiny(served));
        served.Fabric.Calls.Clear();
        Environment.SetEnvironmentVariable(ProviderConfiguration.OfflineVariable, "1");
        try
        {
            await served.ConfigureAsync(ObjectValue.Empty);
        }
        finally
        {
            Environment.SetEnvironmentVariable(ProviderConfiguration.OfflineVariable, null);
        }

        Assert.Equal(made.State, (await served.ReadAsync(Type, "web", made)).State);
        Assert.Empty(served.Fabric.Calls);
    }

    private static ObjectValue Tiny(ServedFabric served)
        => Of(("fabric", served.Fabric.Connection), ("memoryMiB", 64), ("boot", Of(("kernel", $"fab1/{new string('8', 64)}"), ("initrd", $"fab1/{new string('9', 64)}"))));

    private static ObjectValue Full(ServedFabric served) => Of(
        ("name", "web"), ("fabric", served.Fabric.Connection), ("host", "c"), ("vcpus", 2), ("memoryMiB", 512), ("maxVcpus", 4), ("maxMemoryMiB", 1024),
        ("disks", List(Of(("image", $"fab1/{Image}"), ("sizeGiB", 20)), Of(("sizeGiB", 10), ("bus", "scsi")), Of(("volume", $"fab1/{Volume}")))),
        ("networks", List(Of(("network", "fab1/1"), ("address", "10.1.0.10"), ("mac", "52:54:00:00:00:aa")), Of(("network", "fab1/2")))),
        ("boot", Of(("kernel", $"fab1/{new string('8', 64)}"), ("initrd", $"fab1/{new string('9', 64)}"), ("cmdline", "console=ttyS0"))),
        ("firmware", "uefi"), ("cloudInit", Of(("userData", "#cloud-config\n{}"), ("metaData", "a: b"), ("networkConfig", "version: 2"))),
        ("autostart", false), ("labels", Of(("tier", "web"))), ("allowRestart", true), ("forceDestroy", true));

    private static string? Text(PropertyValue? value) => (value?.Bare as StringValue)?.Text;
}
