using Pulumi.Blanket.Protocol;
using Pulumi.Blanket.Protocol.Contract;
using Pulumi.Blanket.Protocol.Values;
using Pulumi.Blanket.Provider.Definitions;
using Pulumi.Blanket.Provider.Tests.Support;
using static Pulumi.Blanket.Provider.Tests.Support.Objects;

namespace Pulumi.Blanket.Provider.Tests.Fabrics;

/// <summary>What a user reads who wants a VM that can't be, and what an update of one finds to do: offline, as the engine asks.</summary>
public sealed class VirtualMachineInputTests : IAsyncDisposable
{
    private const string Type = ServedFabric.Machine;
    private const string Uuid = "0b1c2d3e-0000-4000-8000-000000000001";

    private static readonly string Image1 = $"fab1/{new string('1', 64)}";
    private static readonly string Image2 = $"fab1/{new string('2', 64)}";
    private static readonly string Volume1 = "fab1/11111111-1111-4111-8111-111111111111";

    private readonly Task<ServedFabric> _starting = ServedFabric.StartAsync();

    public static TheoryData<string, string, string, string> Faults => new()
    {
        // property, JSON of the value, path of the fault, part of the reason
        { "name", "\"Web_1\"", "name", "small letters" },
        { "host", "\"a b\"", "host", "small letters" },
        { "vcpus", "0", "vcpus", "1 to 512" },
        { "vcpus", "1.5", "vcpus", "whole number" },
        { "memoryMiB", "1", "memoryMiB", "16 to" },
        { "memoryMiB", "null", "memoryMiB", "missing" },
        { "maxVcpus", "1", "maxVcpus", "less than vcpus, which is 2" },
        { "maxMemoryMiB", "100", "maxMemoryMiB", "less than memoryMiB, which is 512" },
        { "firmware", "\"efi\"", "firmware", "'uefi'" },
        { "tpm", "true", "tpm", "not supported yet" },
        { "running", "\"yes\"", "running", "true or false" },
        { "migration", "{\"mode\": \"warm\"}", "migration.mode", "'suspend'" },
        { "migration", "{\"onTimeout\": \"suspend\"}", "migration.onTimeout", "timeoutSeconds" },
        { "migration", "{\"mode\": \"cold\", \"autoConverge\": true}", "migration.autoConverge", "for a live migration" },
        { "migration", "{\"mode\": \"suspend\", \"downtimeMs\": 50}", "migration.downtimeMs", "for a live migration" },
        { "migration", "{\"mode\": \"suspend\", \"onTimeout\": \"suspend\", \"timeoutSeconds\": 5}", "migration.onTimeout", "leave it out" },
        { "migration", "{\"postCopy\": \"always\", \"connections\": 2}", "migration.connections", "leave one of them out" },
        { "migration", "{\"postCopy\": \"onTimeout\", \"timeoutSeconds\": 9, \"compression\": true}", "migration.compression", "leave one of them out" },
        { "migration", "{\"postCopy\": \"onTimeout\"}", "migration.postCopy", "timeoutSeconds" },
        { "migration", "{\"postCopy\": \"onTimeout\", \"timeoutSeconds\": 9, \"onTimeout\": \"suspend\"}", "migration.onTimeout", "leave one out" },
        { "migration", "{\"postCopy\": \"always\", \"autoConverge\": true}", "migration.autoConverge", "leave it out" },
        { "migration", "{\"allowOffline\": true, \"mode\": \"live\"}", "migration.allowOffline", "for migration.mode 'auto'" },
        { "migration", "{\"postCopy\": \"always\", \"mode\": \"cold\"}", "migration.postCopy", "for a live migration" },
        { "migration", "{\"connections\": 1}", "migration.connections", "2 to 16" },
        { "disks", "null", "disks", "must be a list with a disk" },
        { "disks", "[]", "disks", "must be a list with a disk" },
        { "disks", "[{}]", "disks[0].sizeGiB", "blank disk" },
        { "disks", "[{\"sizeGiB\": 0}]", "disks[0].sizeGiB", "1 to 65536" },
        { "disks", "[{\"image\": \"debian\"}]", "disks[0].image", "the id of an Image" },
        { "disks", "[{\"image\": \"fab1/5\"}]", "disks[0].image", "the id of an Image" },
        { "disks", $"[{{\"image\": \"fab2/{new string('1', 64)}\"}}]", "disks[0].image", "`fabric` is fab1" },
        { "disks", "[{\"volume\": \"fab2/11111111-1111-4111-8111-111111111111\"}]", "disks[0].volume", "a Volume on fab1" },
        { "disks", $"[{{\"image\": \"fab1/{new string('1', 64)}\", \"volume\": \"fab1/11111111-1111-4111-8111-111111111111\"}}]", "disks[0].volume", "one of them" },
        { "disks", "[{\"volume\": \"fab1/11111111-1111-4111-8111-111111111111\", \"sizeGiB\": 5}]", "disks[0].sizeGiB", "Volume resource" },
        { "disks", "[{\"volume\": \"fab1/11111111-1111-4111-8111-111111111111\"}, {\"volume\": \"fab1/11111111-1111-4111-8111-111111111111\"}]", "disks[1].volume", "one disk only" },
        { "disks", "[{\"sizeGiB\": 5, \"bus\": \"ide\"}]", "disks[0].bus", "'virtio'" },
        { "networks", "[{}]", "networks[0].network", "missing" },
        { "networks", "[{\"network\": \"backend\"}]", "networks[0].network", "the id of a Network" },
        { "networks", "[{\"network\": \"fab2/1\"}]", "networks[0].network", "a Network on fab1" },
        { "networks", "[{\"network\": \"fab1/1\", \"address\": \"10.1\"}]", "networks[0].address", "IPv4 address" },
        { "networks", "[{\"network\": \"fab1/1\", \"address\": \"fd00::1\"}]", "networks[0].address", "IPv4 address" },
        { "networks", "[{\"network\": \"fab1/1\", \"mac\": \"52:54:00\"}]", "networks[0].mac", "MAC address" },
        { "networks", "[{\"network\": \"fab1/1\", \"mac\": \"53:54:00:00:00:01\"}]", "networks[0].mac", "of one card" },
        { "networks", "[{\"network\": \"fab1/1\", \"address\": \"10.1.0.5\"}, {\"network\": \"fab1/1\", \"address\": \"10.1.0.5\"}]", "networks[1].address", "another card" },
        { "networks", "[{\"network\": \"fab1/1\", \"mac\": \"52:54:00:aa:00:01\"}, {\"network\": \"fab1/2\", \"mac\": \"52:54:00:AA:00:01\"}]", "networks[1].mac", "another card" },
        { "boot", "{\"cmdline\": \"quiet\"}", "boot.kernel", "missing" },
        { "boot", "{\"kernel\": \"vmlinuz\"}", "boot.kernel", "the id of an Image" },
        { "boot", $"{{\"kernel\": \"fab2/{new string('1', 64)}\"}}", "boot.kernel", "an Image on fab1" },
        { "boot", $"{{\"kernel\": \"fab1/{new string('1', 64)}\", \"cmdline\": \"a\\nb\"}}", "boot.cmdline", "one line" },
        { "labels", "{\"a b\": \"c\"}", "labels[\"a b\"]", "letters, digits" },
        { "labels", "{\"a\": \"b\\u0000\"}", "labels.a", "control characters" },
        { "cloudInit", "{\"metaData\": \"hunter2\"}", "cloudInit.metaData", "YAML mapping" },
        { "cloudInit", "{\"networkConfig\": \"hunter2: [\"}", "cloudInit.networkConfig", "no YAML" },
        { "cloudInit", "{\"userData\": 7}", "cloudInit.userData", "can't be used" },
    };

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task Each_fault_names_its_property_and_the_remedy(string property, string json, string path, string reason)
    {
        var served = await _starting;
        var response = await served.Engine.CheckAsync(Type, "web", Program(served).With(property, JsonValues.Parse(json)!));
        var fault = Assert.Single(response.Failures);
        Assert.Equal(path, fault.Property);
        Assert.Contains(reason, fault.Reason, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", fault.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Unknowns_are_no_faults_wherever_they_stand()
    {
        var served = await _starting;
        var old = await Old(served);
        ObjectValue With(PropertyValue first) => Program(served).With("disks", List(first, Of(("sizeGiB", 10)), Of(("sizeGiB", 20)), Of(("volume", Volume1))));
        foreach (var program in new[]
        {
            Program(served).With("fabric", UnknownValue.Text), Program(served).With("host", UnknownValue.Text), Program(served).With("vcpus", UnknownValue.Text),
            Program(served).With("disks", UnknownValue.Text), With(UnknownValue.Text), With(Of(("image", UnknownValue.Text))), With(Of(("volume", UnknownValue.Text))),
            With(Of(("image", Image1), ("sizeGiB", UnknownValue.Text))),
            Program(served).With("networks", List(Of(("network", UnknownValue.Text), ("address", UnknownValue.Text)))), Program(served).With("boot", UnknownValue.Text),
            Program(served).With("cloudInit", Of(("networkConfig", UnknownValue.Text))), Program(served).With("labels", Of(("a", UnknownValue.Text))),
        })
        {
            await served.Engine.CreateAsync(Type, "web", await served.Engine.CheckedAsync(Type, "web", program), preview: true);
            var inputs = await served.Engine.CheckedAsync(Type, "web", program, old.Inputs);
            Assert.Empty((await served.Engine.DiffAsync(Type, "web", Uuid, old.Inputs, old.State, inputs)).Replaces);
            await served.Engine.UpdateAsync(Type, "web", Uuid, old.Inputs, old.State, inputs, preview: true);
        }

        Assert.Empty(served.Fabric.Calls);
    }

    [Fact]
    public async Task Seeds_are_secret()
    {
        var served = await _starting;
        var inputs = await served.Engine.CheckedAsync(Type, "web", Program(served).With("cloudInit", Of(("userData", "hunter2"), ("metaData", "a: b"))));
        Assert.All(((ObjectValue)inputs["cloudInit"]!).Properties.Values, value => Assert.IsType<SecretValue>(value));
        var preview = PropertyCodec.DecodeObject((await served.Engine.CreateAsync(Type, "web", inputs, preview: true)).Properties);
        Assert.True(preview["cloudInit"]!.ContainsSecret);
    }

    [Fact]
    public async Task Equal_inputs_are_no_diff_however_they_are_written()
    {
        var served = await _starting;
        var old = await Old(served);
        async Task SameAsync(ObjectValue program) => Assert.Equal(DiffResponse.Types.DiffChanges.DiffNone, (await served.DiffAsync(Type, "web", old, program)).Changes);
        await SameAsync(Program(served));
        await SameAsync(Program(served).With("fabric", UnknownValue.Text));
        await SameAsync(Program(served).With("fabric", ((ObjectValue)served.Fabric.Connection.Bare).With("entries", List()).With("privateKey", "other")));
        await SameAsync(Program(served).With("host", "a"));
        await SameAsync(Program(served).With("maxVcpus", 2).With("maxMemoryMiB", 512));
        await SameAsync(Program(served).With("labels", Of()).With("networks", List()).With("boot", NullValue.Instance));
        await SameAsync(Program(served).With("disks", List(Of(("image", Image1)), Of(("sizeGiB", 20)), Of(("volume", Volume1)), Of(("sizeGiB", 10)))));
        await SameAsync(Program(served).With("running", true).With("autostart", true).With("firmware", "bios").With("tpm", false));
    }

    [Fact]
    public async Task A_changed_host_is_an_update_that_moves_it()
    {
        var served = await _starting;
        var old = await Old(served);
        var diff = await served.DiffAsync(Type, "web", old, Program(served).With("host", "b"));
        Assert.Equal(["host"], diff.Diffs);
        Assert.Empty(diff.Replaces);
        diff = await served.DiffAsync(Type, "web", old, Program(served).With("host", UnknownValue.Text));
        Assert.Equal(["host"], diff.Diffs);
        Assert.Empty(diff.Replaces);

        var fault = await ServedFabric.FailureAsync(() => PreviewAsync(served, old, Program(served).With("host", "b")));
        Assert.Equal(Grpc.Core.StatusCode.FailedPrecondition, fault.StatusCode);
        Assert.Contains("'b', which takes no machines", fault.Status.Detail, StringComparison.Ordinal);
        fault = await ServedFabric.FailureAsync(() => PreviewAsync(served, old, Program(served).With("host", "mars")));
        Assert.Contains("'mars', which is no member", fault.Status.Detail, StringComparison.Ordinal);

        // Somebody moved it; what was fulfilled last is still what is asked for.
        Assert.Equal(DiffResponse.Types.DiffChanges.DiffNone, (await served.DiffAsync(Type, "web", old with { State = old.State.With("location", "c") }, Program(served).With("host", "a"))).Changes);
        await PreviewAsync(served, old with { State = old.State.With("settledHost", "") }, Program(served).With("host", "a"));
    }

    [Fact]
    public async Task Another_image_replaces_the_VM_only_when_that_is_allowed()
    {
        var served = await _starting;
        var old = await Old(served);
        var program = Program(served).With("disks", List(Of(("image", Image2)), Of(("sizeGiB", 10)), Of(("sizeGiB", 20)), Of(("volume", Volume1))));
        var fault = Assert.Single((await served.Engine.CheckAsync(Type, "web", program, old.Inputs)).Failures);
        Assert.Equal("disks[0].image", fault.Property);
        Assert.Contains("forceDestroy", fault.Reason, StringComparison.Ordinal);

        var diff = await served.DiffAsync(Type, "web", old, program.With("forceDestroy", true));
        Assert.Equal(["disks"], diff.Replaces);
        Assert.True(diff.DeleteBeforeReplace);
        Assert.Equal(PropertyDiff.Types.Kind.UpdateReplace, diff.DetailedDiff["disks[0].image"].Kind);

        // In preview the new image may not have an id yet.
        var open = program.With("disks", List(Of(("image", UnknownValue.Text)), Of(("sizeGiB", 10)), Of(("sizeGiB", 20)), Of(("volume", Volume1))));
        diff = await served.DiffAsync(Type, "web", old, open.With("forceDestroy", true));
        Assert.Equal(["disks"], diff.Replaces);
        Assert.True(diff.DeleteBeforeReplace);
        Assert.Empty((await served.DiffAsync(Type, "web", old, open)).Replaces);
        await PreviewAsync(served, old, open);
        Assert.Contains(served.Told, text => text.Contains("disks[0] is made of is not known yet", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Taking_out_a_disk_of_its_own_has_to_be_allowed_taking_out_a_volume_has_not()
    {
        var served = await _starting;
        var old = await Old(served);
        var without20 = Program(served).With("disks", List(Of(("image", Image1)), Of(("sizeGiB", 10)), Of(("volume", Volume1))));
        var fault = Assert.Single((await served.Engine.CheckAsync(Type, "web", without20, old.Inputs)).Failures);
        Assert.Equal("disks", fault.Property);
        Assert.Contains("the blank disk of 20 GiB", fault.Reason, StringComparison.Ordinal);
        Assert.Contains("disks[2] so far", fault.Reason, StringComparison.Ordinal);
        Assert.Contains("forceDestroy", fault.Reason, StringComparison.Ordinal);
        var diff = await served.DiffAsync(Type, "web", old, without20.With("forceDestroy", true));
        Assert.Equal(["disks[2]", "forceDestroy"], diff.DetailedDiff.Keys.Order());
        Assert.Equal(PropertyDiff.Types.Kind.Delete, diff.DetailedDiff["disks[2]"].Kind);
        Assert.Empty(diff.Replaces);

        var withoutVolume = Program(served).With("disks", List(Of(("image", Image1)), Of(("sizeGiB", 10)), Of(("sizeGiB", 20))));
        Assert.Equal(["disks[3]"], (await served.DiffAsync(Type, "web", old, withoutVolume)).DetailedDiff.Keys);
    }

    [Fact]
    public async Task Disks_grow_and_never_shrink()
    {
        var served = await _starting;
        var old = await Old(served);
        static ArrayValue Disks(double first) => List(Of(("image", Image1)), Of(("sizeGiB", first)), Of(("sizeGiB", 20)), Of(("volume", Volume1)));
        Assert.Equal(["disks[1].sizeGiB"], (await served.DiffAsync(Type, "web", old, Program(served).With("disks", Disks(15)))).DetailedDiff.Keys);
        var fault = Assert.Single((await served.Engine.CheckAsync(Type, "web", Program(served).With("disks", Disks(5)), old.Inputs)).Failures);
        Assert.Equal("disks[1].sizeGiB", fault.Property);
        Assert.Contains("10 or more", fault.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task It_can_not_go_to_another_fabric()
    {
        var served = await _starting;
        var old = await Old(served);
        var program = Of(("fabric", ((ObjectValue)served.Fabric.Connection.Bare).With("fabricId", "fab2")), ("memoryMiB", 512), ("disks", List(Of(("sizeGiB", 10)))), ("forceDestroy", true));
        var fault = Assert.Single((await served.Engine.CheckAsync(Type, "web", program, old.Inputs)).Failures);
        Assert.Equal("fabric", fault.Property);
        Assert.Contains("fab2", fault.Reason, StringComparison.Ordinal);
        Assert.Empty((await served.Engine.DiffAsync(Type, "web", Uuid, old.Inputs, old.State, old.Inputs.With("fabric", program["fabric"]!))).Replaces);
    }

    [Fact]
    public async Task What_needs_a_restart_is_refused_in_preview_or_told()
    {
        var served = await _starting;
        var old = await Old(served);
        var program = Program(served).With("vcpus", 4);
        var fault = await ServedFabric.FailureAsync(() => PreviewAsync(served, old, program));
        Assert.Equal(Grpc.Core.StatusCode.FailedPrecondition, fault.StatusCode);
        Assert.Contains("vcpus (from 2 to 4", fault.Status.Detail, StringComparison.Ordinal);
        Assert.Contains("allowRestart", fault.Status.Detail, StringComparison.Ordinal);

        await PreviewAsync(served, old, program.With("allowRestart", true));
        Assert.Contains(served.Told, text => text.Contains("this update restarts the VM: vcpus", StringComparison.Ordinal));

        // Where it does not run, or is to stop anyway, nothing is disturbed.
        await PreviewAsync(served, old, program.With("running", false));
        await PreviewAsync(served, old with { State = old.State.With("state", "stopped") }, program);
        await PreviewAsync(served, old, program.With("allowRestart", UnknownValue.Text));
    }

    [Fact]
    public async Task A_VM_that_is_not_as_it_should_be_is_a_diff()
    {
        var served = await _starting;
        var old = await Old(served);
        async Task<IEnumerable<string>> FoundAsync(string state, bool running)
            => (await served.DiffAsync(Type, "web", old with { State = old.State.With("state", state), Inputs = old.Inputs.With("running", running) }, Program(served).With("running", running))).Diffs;
        Assert.Empty(await FoundAsync("running", running: true));
        Assert.Equal(["state"], await FoundAsync("stopped", running: true));
        Assert.Equal(["state"], await FoundAsync("crashed", running: true));
        Assert.Equal(["state"], await FoundAsync("paused", running: true));
        Assert.Equal(["state"], await FoundAsync("", running: true));
        Assert.Empty(await FoundAsync("stopped", running: false));
        Assert.Empty(await FoundAsync("crashed", running: false));
        Assert.Equal(["state"], await FoundAsync("paused", running: false));
        Assert.Equal(["state"], await FoundAsync("running", running: false));
        Assert.Equal(["state"], await FoundAsync("", running: false));
    }

    [Fact]
    public async Task Previews_know_what_can_be_known()
    {
        var served = await _starting;
        var created = PropertyCodec.DecodeObject((await served.Engine.CreateAsync(Type, "web", await served.Engine.CheckedAsync(Type, "web", Program(served).With("host", "a")), preview: true)).Properties);
        Assert.Equal(("a", "a", "running"), (Text(created["location"]), Text(created["settledHost"]), Text(created["state"])));
        Assert.True(created["addresses"]!.ContainsUnknown);

        var old = await Old(served);
        var updated = await PreviewAsync(served, old, Program(served).With("running", false));
        Assert.Equal(("a", "stopped"), (Text(updated["location"]), Text(updated["state"])));
        Assert.False(updated["addresses"]!.ContainsUnknown);
        updated = await PreviewAsync(served, old, Program(served).With("host", UnknownValue.Text).With("networks", List(Of(("network", "fab1/1")))));
        Assert.True(updated["location"]!.ContainsUnknown);
        Assert.True(updated["addresses"]!.ContainsUnknown);
        Assert.Empty(served.Fabric.Calls);
    }

    public async ValueTask DisposeAsync() => await (await _starting).DisposeAsync();

    private static ObjectValue Program(ServedFabric served) => Of(
        ("name", "web"), ("fabric", served.Fabric.Connection), ("vcpus", 2), ("memoryMiB", 512),
        ("disks", List(Of(("image", Image1)), Of(("sizeGiB", 10)), Of(("sizeGiB", 20)), Of(("volume", Volume1)))));

    private static async Task<(string Id, ObjectValue Inputs, ObjectValue State)> Old(ServedFabric served)
    {
        var inputs = await served.Engine.CheckedAsync(Type, "web", Program(served));
        var state = inputs.With("location", "a").With("settledHost", "a").With("addresses", List("10.1.0.2")).With("state", "running").With("schemaVersion", 1);
        return (Uuid, inputs, state);
    }

    private static async Task<ObjectValue> PreviewAsync(ServedFabric served, (string Id, ObjectValue Inputs, ObjectValue State) old, ObjectValue program)
        => PropertyCodec.DecodeObject((await served.Engine.UpdateAsync(
            Type, "web", old.Id, old.Inputs, old.State, await served.Engine.CheckedAsync(Type, "web", program, old.Inputs), preview: true)).Properties);

    private static string? Text(PropertyValue? value) => (value?.Bare as StringValue)?.Text;
}
