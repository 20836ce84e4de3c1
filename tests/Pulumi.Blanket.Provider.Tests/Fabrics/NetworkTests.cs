using Grpc.Core;
using Pulumi.Blanket.Protocol;
using Pulumi.Blanket.Protocol.Contract;
using Pulumi.Blanket.Protocol.Values;
using Pulumi.Blanket.Provider.Definitions;
using Pulumi.Blanket.Provider.Tests.Engine;
using Pulumi.Blanket.Provider.Tests.Support;
using static Pulumi.Blanket.Provider.Tests.Support.Objects;

namespace Pulumi.Blanket.Provider.Tests.Fabrics;

/// <summary>Networks, and with them what all resources on a fabric have in common.</summary>
public sealed class NetworkTests
{
    private const string Type = ServedFabric.Network;

    public static TheoryData<string, string, string, string> Faults => new()
    {
        // property, JSON of the value, path of the fault, part of the reason
        { "fabric", "\"fab1\"", "fabric", "the `connection` of a Fabric" },
        { "fabric", "{\"fabricId\": \"fab1\"}", "fabric.account", "missing" },
        { "cidr", "\"10.1.0.1/24\"", "cidr", "no bit set beyond" },
        { "cidr", "\"10.1.0.0/31\"", "cidr", "/30" },
        { "cidr", "\"fd00::/64\"", "cidr", "IPv4" },
        { "gateway", "\"10.1\"", "gateway", "IPv4 address" },
        { "gateway", "\"10.2.0.1\"", "gateway", "inside 10.1.0.0/24" },
        { "gateway", "\"10.1.0.0\"", "gateway", "10.1.0.1" },
        { "gateway", "\"10.1.0.255\"", "gateway", "10.1.0.1" },
        { "mtu", "1500", "mtu", "576 to 1330" },
        { "name", "\"Back End\"", "name", "small letters" },
        { "dhpc", "true", "dhpc", "no property" },
        { "dhcp", "\"yes\"", "dhcp", "true or false" },
        { "dns", "{\"domain\": \"Shop.internal\"}", "dns.domain", "small letters" },
        { "dns", "{\"servers\": [\"fd00::1\"]}", "dns.servers[0]", "IPv4 address" },
        { "egress", "\"Not A Host\"", "egress", "small letters" },
        { "expose", "[{\"host\": \"a\", \"port\": 80}]", "expose[0].vm", "missing" },
        { "expose", "[{\"host\": \"a\", \"port\": 0, \"vm\": \"web\"}]", "expose[0].port", "1 to 65535" },
        { "expose", "[{\"host\": \"a\", \"port\": 80, \"vm\": \"web\"}, {\"host\": \"a\", \"port\": 80, \"vm\": \"db\"}]", "expose[1].port", "another VM" },
        { "expose", "[{\"host\": \"a\", \"port\": 80, \"vm\": \"web\", \"protocol\": \"sctp\"}]", "expose[0].protocol", "tcp" },
    };

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task Each_fault_names_its_property_and_the_remedy(string property, string json, string path, string reason)
    {
        await using var served = await ServedFabric.StartAsync();
        var response = await served.Engine.CheckAsync(Type, "net", Program(served).With(property, JsonValues.Parse(json)!));
        var fault = response.Failures.First();
        Assert.Equal(path, fault.Property);
        Assert.Contains(reason, fault.Reason, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", string.Concat(response.Failures), StringComparison.Ordinal);
    }

    [Fact]
    public async Task It_is_made_changed_in_place_and_deleted()
    {
        await using var served = await ServedFabric.StartAsync();
        var made = await served.CreateAsync(Type, "net", Program(served));
        Assert.Equal("fab1/1", made.Id);
        Assert.Equal(("bk1", "10.1.0.1", 1330d), (Text(made.State["bridge"]), Text(made.State["gateway"]), ((NumberValue)made.State["mtu"]!).Number));
        Assert.Equal(DiffResponse.Types.DiffChanges.DiffNone, (await served.DiffAsync(Type, "net", made, Program(served))).Changes);
        Assert.Equal(made.State, (await served.ReadAsync(Type, "net", made)).State);

        var program = Program(served).With("mtu", 900).With("name", "other");
        var diff = await served.DiffAsync(Type, "net", made, program);
        Assert.Equal(["mtu", "name"], diff.Diffs);
        Assert.Empty(diff.Replaces);
        made = await served.UpdateAsync(Type, "net", made, program);
        Assert.Equal(("other", 900), (served.Fabric.Facts.Networks[0].Name, served.Fabric.Facts.Networks[0].Mtu));

        await served.Engine.DeleteAsync(Type, "net", made.Id, made.Inputs, made.State);
        Assert.Empty(served.Fabric.Facts.Networks);
        Assert.Equal("", (await served.ReadAsync(Type, "net", made)).Id);
        await served.Engine.DeleteAsync(Type, "net", made.Id, made.Inputs, made.State);
    }

    [Fact]
    public async Task What_guests_get_is_told_to_the_agents_and_read_back_as_it_was_written()
    {
        await using var served = await ServedFabric.StartAsync();
        var made = await served.CreateAsync(Type, "net", Program(served).With("name", "net"));
        Assert.Equal(
            new Contract.NetworkServices { Dhcp = true, Dns = true, Domain = "net.internal", Egress = Contract.Egress.Nat },
            served.Fabric.Facts.Networks[0].Services);

        var program = Program(served).With("name", "net").With("dhcp", false).With("egress", "b")
            .With("dns", (ObjectValue)JsonValues.Parse("{\"domain\": \"shop.example\", \"servers\": [\"192.0.2.53\"]}")!)
            .With("expose", JsonValues.Parse("[{\"host\": \"a\", \"port\": 8080, \"vm\": \"web\", \"targetPort\": 80}, {\"host\": \"b\", \"port\": 53, \"vm\": \"dns\", \"protocol\": \"udp\"}]")!);
        var diff = await served.DiffAsync(Type, "net", made, program);
        Assert.Equal(["dhcp", "dns", "egress", "expose"], diff.Diffs.Order());
        Assert.Empty(diff.Replaces);
        made = await served.UpdateAsync(Type, "net", made, program);
        Assert.Equal(
            new Contract.NetworkServices
            {
                Dns = true,
                Domain = "shop.example",
                NameServers = { "192.0.2.53" },
                Egress = Contract.Egress.Pinned,
                EgressMember = "id-of-b",
                Exposed =
                {
                    new Contract.ExposedPort { Member = "id-of-a", Port = 8080, Machine = "web", TargetPort = 80 },
                    new Contract.ExposedPort { Member = "id-of-b", Port = 53, Machine = "dns", TargetPort = 53, Protocol = Contract.TransportProtocol.Udp },
                },
            },
            served.Fabric.Facts.Networks[0].Services);
        Assert.Equal(made.State, (await served.ReadAsync(Type, "net", made)).State);
        Assert.Equal(DiffResponse.Types.DiffChanges.DiffNone, (await served.DiffAsync(Type, "net", await served.ImportAsync(Type, "net", made.Id), program)).Changes);
    }

    [Fact]
    public async Task What_was_left_to_it_may_be_written_down()
    {
        await using var served = await ServedFabric.StartAsync();
        var made = await served.CreateAsync(Type, "net", Program(served));
        Assert.Equal(DiffResponse.Types.DiffChanges.DiffNone, (await served.DiffAsync(Type, "net", made, Program(served).With("gateway", "10.1.0.1").With("mtu", 1330))).Changes);
        Assert.Equal(["gateway"], (await served.DiffAsync(Type, "net", made, Program(served).With("gateway", "10.1.0.9"))).Replaces);
        Assert.Equal(["cidr"], (await served.DiffAsync(Type, "net", made, Program(served).With("cidr", "10.2.0.0/24"))).Replaces.Order());
    }

    [Fact]
    public async Task A_create_that_got_no_answer_is_found_again_and_the_new_half_of_a_replacement_is_another()
    {
        await using var served = await ServedFabric.StartAsync();
        var inputs = await served.Engine.CheckedAsync(Type, "net", Program(served));
        served.Fabric.Facts.Networks.Add(new Contract.NetworkFacts { Vni = 1, Urn = EngineSession.UrnOf(Type, "net"), Cidr = "10.1.0.0/24", Gateway = "10.1.0.1", Mtu = 1330 });
        Assert.Equal("fab1/1", (await served.Engine.CreateAsync(Type, "net", inputs)).Id);
        Assert.Equal("fab1/2", (await served.Engine.CreateAsync(Type, "net", inputs)).Id);
    }

    [Fact]
    public async Task Of_the_fabric_only_the_id_counts_and_an_unknown_one_is_the_same()
    {
        await using var served = await ServedFabric.StartAsync();
        var made = await served.CreateAsync(Type, "net", Program(served));
        var moved = ((ObjectValue)served.Fabric.Connection.Bare).With("privateKey", "another").With("entries", List());
        Assert.Equal(DiffResponse.Types.DiffChanges.DiffNone, (await served.DiffAsync(Type, "net", made, Program(served).With("fabric", Secret(moved)))).Changes);
        Assert.Equal(DiffResponse.Types.DiffChanges.DiffNone, (await served.DiffAsync(Type, "net", made, Program(served).With("fabric", UnknownValue.Text))).Changes);
        var other = await served.DiffAsync(Type, "net", made, Program(served).With("fabric", Secret(moved.With("fabricId", "fab2"))));
        Assert.Equal(["fabric"], other.Replaces);
        Assert.Equal(["fabric"], other.DetailedDiff.Keys);
    }

    [Fact]
    public async Task Silence_is_told_and_not_taken_for_absence()
    {
        await using var served = await ServedFabric.StartAsync();
        var made = await served.CreateAsync(Type, "net", Program(served));
        served.Fabric.Fault = static _ => new RpcException(new Status(StatusCode.Unavailable, "resting"));
        var read = await served.ReadAsync(Type, "net", made);
        Assert.Equal(made.State, read.State);
        Assert.Contains(served.Told, text => text.Contains("resting", StringComparison.Ordinal) && text.Contains("lostHosts", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_member_that_lags_behind_makes_nothing_gone()
    {
        await using var served = await ServedFabric.StartAsync();
        var made = await served.CreateAsync(Type, "net", Program(served));
        served.Fabric.Facts.Networks.Clear();
        served.Fabric.Facts.Primary = "id-of-c";
        served.Fabric["c"].IsSilent = true;
        Assert.Equal(made.Id, (await served.ReadAsync(Type, "net", made)).Id);
        Assert.Contains(served.Told, text => text.Contains("host c:", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("fab1/1")]
    [InlineData("fab1/net-1")]
    [InlineData("net-1")]
    public async Task An_import_gives_no_diff_with_the_program_that_made_it(string id)
    {
        await using var served = await ServedFabric.StartAsync();
        var program = Program(served).With("name", "net-1");
        var made = await served.CreateAsync(Type, "net", program);
        var imported = await served.ImportAsync(Type, "net", id);
        Assert.Equal(made.Id, imported.Id);
        Assert.Equal(made.State.Without("fabric"), imported.State.Without("fabric"));
        Assert.True(imported.Inputs["fabric"] is SecretValue);
        Assert.Equal(DiffResponse.Types.DiffChanges.DiffNone, (await served.DiffAsync(Type, "net", imported, program)).Changes);
    }

    [Fact]
    public async Task An_import_says_what_it_lacks()
    {
        await using var served = await ServedFabric.StartAsync();
        var fault = await ServedFabric.FailureAsync(() => served.Engine.ReadAsync(Type, "net", "fab1/1"));
        Assert.Contains("pulumi config set --secret blanket:fabric", fault.Status.Detail, StringComparison.Ordinal);
        fault = await ServedFabric.FailureAsync(() => served.ImportAsync(Type, "net", "fab1/1"));
        Assert.Equal(StatusCode.NotFound, fault.StatusCode);
        fault = await ServedFabric.FailureAsync(() => served.ImportAsync(Type, "net", "fab2/1"));
        Assert.Contains("fab1", fault.Status.Detail, StringComparison.Ordinal);

        served.Fabric.Facts.Networks.Add([new Contract.NetworkFacts { Vni = 1, Name = "twin" }, new Contract.NetworkFacts { Vni = 2, Name = "twin" }]);
        fault = await ServedFabric.FailureAsync(() => served.ImportAsync(Type, "net", "fab1/twin"));
        Assert.Contains("1, 2", fault.Status.Detail, StringComparison.Ordinal);

        fault = await ServedFabric.FailureAsync(() => served.ConfigureAsync(Of(("fabric", "{\"fabricId\": 7, \"privateKey\": \"hunter2\"}"))));
        Assert.Contains("fabric.fabricId is", fault.Status.Detail, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", fault.Status.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_on_a_fabric_can_be_listed_by_ids_that_imports_take()
    {
        await using var served = await ServedFabric.StartAsync();
        await served.CreateAsync(Type, "net", Program(served).With("name", "one"));
        await served.ConfigureAsync(Of(("fabric", served.Fabric.Connection)));
        Assert.Equal([("fab1/1", "one")], await served.Engine.ListAsync(Type));
    }

    [Fact]
    public async Task A_preview_knows_the_gateway_and_needs_nobody()
    {
        await using var served = await ServedFabric.StartAsync();
        var inputs = await served.Engine.CheckedAsync(Type, "net", Program(served).With("fabric", UnknownValue.Text));
        var preview = PropertyCodec.DecodeObject((await served.Engine.CreateAsync(Type, "net", inputs, preview: true)).Properties);
        Assert.Equal("10.1.0.1", Text(preview["gateway"]));
        Assert.True(preview["vni"]!.ContainsUnknown);
        Assert.Empty(served.Fabric.Calls);
    }

    private static ObjectValue Program(ServedFabric served) => Of(("fabric", served.Fabric.Connection), ("cidr", "10.1.0.0/24"));

    private static string? Text(PropertyValue? value) => (value?.Bare as StringValue)?.Text;
}
