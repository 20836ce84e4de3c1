using Google.Protobuf.Collections;
using Pulumi.Blanket.Protocol;
using Pulumi.Blanket.Protocol.Contract;
using Pulumi.Blanket.Protocol.Values;
using Pulumi.Blanket.Provider.Tests.Support;
using static Pulumi.Blanket.Provider.Tests.Support.Objects;
using Mode = Pulumi.Blanket.Protocol.Contract.CheckRequest.Types.AutonamingOptions.Types.Mode;

namespace Pulumi.Blanket.Provider.Tests;

/// <summary>Check keeps the user's inputs in the user's form, adds what is missing, and tells all that is wrong at once.</summary>
public sealed class CheckTests
{
    [Fact]
    public async Task Defaults_are_added_at_every_depth()
    {
        await using var plugin = await ServedPackage.StartAsync(new ThingResource());
        var inputs = await plugin.Engine.CheckedAsync(ThingResource.Type, "web", Of(("address", "h1"), ("disks", List(Of(("sizeGiB", 5))))));

        Assert.Equal(22, inputs["port"]);
        Assert.Equal(true, inputs["on"]);
        Assert.Equal("work", inputs["mode"]);
        Assert.Equal("virtio", ((ObjectValue)((ArrayValue)inputs["disks"]!).Items[0])["bus"]);
        Assert.Null(inputs["zone"]);
    }

    [Fact]
    public async Task All_faults_are_told_at_once_each_on_its_path_with_value_and_remedy()
    {
        await using var plugin = await ServedPackage.StartAsync(new ThingResource());
        var response = await plugin.Engine.CheckAsync(ThingResource.Type, "web", Of(
            ("adress", "h1"),
            ("port", 70000),
            ("size", 1.5),
            ("rate", "fast"),
            ("mode", "slep"),
            ("password", "tooshrt"),
            ("labels", Of(("a.b", "far too long for a label"))),
            ("disks", List(Of(("sizeGiB", 0), ("key", 5)), Of(("bus", "scsi")), NullValue.Instance)),
            ("cidrs", List("10.0.0.0/8", "10.0.0.1/8")),
            ("gateway", "1")));

        var faults = response.Failures.ToDictionary(failure => failure.Property, failure => failure.Reason);
        Assert.Equal("there is no property 'adress'; did you mean 'address'?", faults["adress"]);
        Assert.Equal("address is missing; it must be a host name or an IP address", faults["address"]);
        Assert.Equal("port is 70000; it must be a port, from 1 to 65535", faults["port"]);
        Assert.Equal("size is 1.5; it must be a whole number from 1 to 100", faults["size"]);
        Assert.Equal("rate is 'fast'; it must be a number", faults["rate"]);
        Assert.Equal("mode is 'slep'; it must be one of 'work', 'wait', 'bug', 'half', 'conflict'", faults["mode"]);
        Assert.Equal("password is a secret that can't be used; it must be 8 to 100 characters long", faults["password"]);
        Assert.Equal("labels[\"a.b\"] is 'far too long for a label'; it must be 0 to 10 characters long", faults["labels[\"a.b\"]"]);
        Assert.Equal("disks[0].sizeGiB is 0; it must be a whole number of at least 1", faults["disks[0].sizeGiB"]);
        Assert.Equal("disks[0].key is a secret that can't be used; it must be a text", faults["disks[0].key"]);
        Assert.Equal("disks[1].sizeGiB is missing; it must be a whole number of at least 1", faults["disks[1].sizeGiB"]);
        Assert.Equal("disks[2] is null; it must be an object with 'sizeGiB', 'bus', 'key'", faults["disks[2]"]);
        Assert.Equal("cidrs[1] is '10.0.0.1/8'; it must be an IPv4 network such as 10.1.0.0/16, with no bit set beyond its prefix", faults["cidrs[1]"]);
        Assert.Equal("gateway is '1'; it must be an IP address such as 10.0.0.5", faults["gateway"]);
        Assert.Equal(14, faults.Count);
    }

    [Fact]
    public async Task Rules_that_span_properties_are_asked_beside_the_others()
    {
        await using var plugin = await ServedPackage.StartAsync(new ThingResource());
        var response = await plugin.Engine.CheckAsync(ThingResource.Type, "web", Of(("address", "-"), ("size", 9), ("limit", 5)));

        Assert.Equal(["address", "size"], Properties(response.Failures));
        Assert.Contains("above the limit 5", response.Failures.Single(failure => failure.Property == "size").Reason);
    }

    [Fact]
    public async Task What_is_unknown_is_never_at_fault()
    {
        await using var plugin = await ServedPackage.StartAsync(new ThingResource());
        var inputs = Of(
            ("address", UnknownValue.Text), ("port", new UnknownValue(UnknownKind.Number)), ("size", new OutputValue(null, false, [])), ("limit", 1),
            ("password", Secret(UnknownValue.Text)), ("disks", UnknownValue.Text), ("labels", Of(("a", UnknownValue.Text))), ("cidrs", List(UnknownValue.Text)), ("name", UnknownValue.Text));
        var kept = await plugin.Engine.CheckedAsync(ThingResource.Type, "web", inputs);

        foreach (var (name, value) in inputs.Properties)
        {
            Assert.Equal(value, kept[name]);
        }
    }

    [Fact]
    public async Task Wrappers_stay_and_secret_properties_become_secret()
    {
        await using var plugin = await ServedPackage.StartAsync(new ThingResource());
        var kept = await plugin.Engine.CheckedAsync(ThingResource.Type, "web", Of(
            ("address", Secret("h1")), ("size", new OutputValue(3, false, ["urn:a"])), ("password", "a password"), ("disks", List(Of(("sizeGiB", Secret(1)), ("key", "k"))))));

        Assert.Equal(Secret("h1"), kept["address"]);
        Assert.Equal(new OutputValue(3, false, ["urn:a"]), kept["size"]);
        Assert.Equal(Secret("a password"), kept["password"]);
        Assert.Equal(Of(("sizeGiB", Secret(1)), ("key", Secret("k")), ("bus", "virtio")), ((ArrayValue)kept["disks"]!).Items[0]);
    }

    [Fact]
    public async Task A_value_that_the_user_keeps_secret_is_in_no_message()
    {
        await using var plugin = await ServedPackage.StartAsync(new ThingResource());
        var response = await plugin.Engine.CheckAsync(ThingResource.Type, "web", Of(
            ("address", Secret("hunter 2")), ("labels", Secret(Of(("a", "hunter2 hunter2")))), ("gateway", new OutputValue("hunter2", true, []))));

        Assert.Equal(["address", "gateway", "labels.a"], Properties(response.Failures));
        Assert.DoesNotContain("hunter", string.Concat(response.Failures.Select(failure => failure.Reason)));
    }

    [Fact]
    public async Task A_null_means_nothing_given()
    {
        await using var plugin = await ServedPackage.StartAsync(new ThingResource());
        var kept = await plugin.Engine.CheckedAsync(ThingResource.Type, "web", Of(("address", "h1"), ("port", NullValue.Instance), ("zone", NullValue.Instance), ("labels", Of(("a", NullValue.Instance), ("b", "x")))));

        Assert.Equal(22, kept["port"]);
        Assert.Null(kept["zone"]);
        Assert.Equal(Of(("b", "x")), kept["labels"]);
    }

    [Fact]
    public async Task Names_are_made_up_kept_and_left_alone()
    {
        await using var plugin = await ServedPackage.StartAsync(new ThingResource());
        var inputs = Of(("address", "h1"));
        var made = Text((await plugin.Engine.CheckedAsync(ThingResource.Type, "My Web_Server Of Note", inputs))["name"]);

        Assert.Matches("^my-web-serve-[0-9a-f]{7}$", made);
        Assert.Equal(made, Text((await plugin.Engine.CheckedAsync(ThingResource.Type, "My Web_Server Of Note", inputs))["name"]));
        Assert.Equal("old", Text((await plugin.Engine.CheckedAsync(ThingResource.Type, "web", inputs, olds: Of(("name", "old"))))["name"]));
        Assert.Equal("own", Text((await plugin.Engine.CheckedAsync(ThingResource.Type, "web", inputs.With("name", "own"), olds: Of(("name", "old"))))["name"]));
        var other = await plugin.Engine.CheckAsync(ThingResource.Type, "My Web_Server Of Note", inputs, seed: "other");
        Assert.NotEqual(made, Text(PropertyCodec.DecodeObject(other.Inputs)["name"]));
    }

    [Fact]
    public async Task The_projects_way_of_naming_is_followed()
    {
        await using var plugin = await ServedPackage.StartAsync(new ThingResource());
        async Task<CheckResponse> NameAsync(Mode mode, string proposed) => await plugin.Engine.CheckAsync(
            ThingResource.Type, "web", Of(("address", "h1")), naming: new() { Mode = mode, ProposedName = proposed });

        Assert.Equal("team-web-1", Text(PropertyCodec.DecodeObject((await NameAsync(Mode.Propose, "Team_Web 1")).Inputs)["name"]));
        Assert.Equal("team-web", Text(PropertyCodec.DecodeObject((await NameAsync(Mode.Enforce, "team-web")).Inputs)["name"]));
        Assert.Contains("'Team Web'", Assert.Single((await NameAsync(Mode.Enforce, "Team Web")).Failures).Reason);
        Assert.Contains("pulumi:autonaming", Assert.Single((await NameAsync(Mode.Disable, "")).Failures).Reason);
    }

    [Fact]
    public async Task A_type_that_does_not_exist_is_a_clear_error()
    {
        await using var plugin = await ServedPackage.StartAsync(new ThingResource());
        var fault = await Assert.ThrowsAsync<Grpc.Core.RpcException>(() => plugin.Engine.CheckAsync("blanket:index:Thingy", "web", ObjectValue.Empty));

        Assert.Equal(Grpc.Core.StatusCode.NotFound, fault.StatusCode);
        Assert.Contains("did you mean 'blanket:index:Thing'?", fault.Status.Detail);
    }

    private static string Text(PropertyValue? value) => ((StringValue)value!.Bare).Text;

    private static IEnumerable<string> Properties(RepeatedField<CheckFailure> failures) => failures.Select(failure => failure.Property).Order(StringComparer.Ordinal);
}
