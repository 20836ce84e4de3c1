using Pulumi.Blanket.Protocol;
using Pulumi.Blanket.Protocol.Contract;
using Pulumi.Blanket.Protocol.Values;
using Pulumi.Blanket.Provider.Definitions;
using Pulumi.Blanket.Provider.Resources.SshKey;
using Pulumi.Blanket.Provider.Tests.Engine;

namespace Pulumi.Blanket.Provider.Tests;

/// <summary>What a user reads who gives a Host or Fabric what can't be: the property, the value, the remedy, and never a secret.</summary>
public sealed class HostInputTests
{
    private const string Host = "blanket:index:Host";
    private const string Fabric = "blanket:index:Fabric";

    private static readonly ObjectValue Sound = ObjectValue.Empty.With("address", "192.0.2.1");

    public static TheoryData<string, string, string, string> Faults => new()
    {
        // property, JSON of the value, path of the fault, part of the reason
        { "address", "\"no such host!\"", "address", "no such host!" },
        { "address", "7", "address", "is 7" },
        { "port", "0", "port", "1 to 65535" },
        { "port", "22.5", "port", "is 22.5" },
        { "user", "\"a b\"", "user", "'a b'" },
        { "name", "\"Web_1\"", "name", "small letters" },
        { "hostKey", "\"SHA256:abc\"", "hostKey", "ssh-ed25519 AAAA" },
        { "privateKey", "\"hunter2\"", "privateKey", "private key" },
        { "privateKeyPassword", "\"hunter2\"", "privateKeyPassword", "without a privateKey" },
        { "password", "\"\"", "password", "not empty" },
        { "layer", "\"xen\"", "layer", "not supported yet" },
        { "layer", "\"vmware\"", "layer", "'kvm'" },
        { "install", "\"yes\"", "install", "true or false" },
        { "schedulable", "1", "schedulable", "true or false" },
        { "labels", "{\"a\": 1}", "labels.a", "text" },
        { "pricePerHour", "-1", "pricePerHour", "-1" },
        { "limit", "{\"vcpus\": 0}", "limit.vcpus", "1 to 4096" },
        { "limit", "{\"memory\": 5}", "limit.memory", "memoryMiB" },
        { "oversubscription", "{\"cpu\": 0.5}", "oversubscription.cpu", "1 to 64" },
        { "oversubscription", "{\"memory\": 99}", "oversubscription.memory", "1 to 16" },
        { "meshEndpoint", "\"\"", "meshEndpoint", "'none'" },
        { "meshEndpoint", "\"no such host!\"", "meshEndpoint", "no such host!" },
        { "meshEndpoint", "\"198.51.100.7:99999\"", "meshEndpoint", "198.51.100.7:99999" },
        { "meshEndpoint", "\"[2001:db8::7\"", "meshEndpoint", "'none'" },
        { "privateAddress", "\"ten\"", "privateAddress", "IP address" },
        { "proxyJump", "[]", "proxyJump", "1" },
        { "proxyJump", "[{\"port\": 22}]", "proxyJump[0].address", "address" },
        { "proxyJump", "[{\"address\": \"a\", \"hostKey\": \"x\"}]", "proxyJump[0].hostKey", "ssh-ed25519" },
        { "proxyJump", "[{\"address\": \"a\", \"privateKey\": \"hunter2\"}]", "proxyJump[0].privateKey", "private key" },
        { "proxyJump", "[{\"address\": \"a\", \"privateKeyPassword\": \"hunter2\"}]", "proxyJump[0].privateKeyPassword", "without a privateKey" },
        { "adress", "\"192.0.2.1\"", "adress", "address" },
    };

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task EachFaultNamesItsPropertyAndTheRemedy(string property, string json, string path, string reason)
    {
        await using var plugin = await PluginProcess.StartAsync();
        var response = await plugin.Engine.CheckAsync(Host, "web", Sound.With(property, JsonValues.Parse(json)!));
        var fault = Assert.Single(response.Failures);
        Assert.Equal(path, fault.Property);
        Assert.Contains(reason, fault.Reason, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", fault.Reason + plugin.Errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("none")]
    [InlineData("198.51.100.7")]
    [InlineData("web.example.com:40000")]
    [InlineData("2001:db8::7")]
    [InlineData("[2001:db8::7]")]
    [InlineData("[2001:db8::7]:40000")]
    public async Task EveryFormOfAMeshEndpointIsTaken(string endpoint)
    {
        await using var plugin = await PluginProcess.StartAsync();
        Assert.Empty((await plugin.Engine.CheckAsync(Host, "web", Sound.With("meshEndpoint", endpoint))).Failures);
    }

    [Fact]
    public async Task UnknownsAreNoFaults()
    {
        await using var plugin = await PluginProcess.StartAsync();
        foreach (var property in new[] { "address", "port", "privateKey", "labels", "limit", "proxyJump", "machine" })
        {
            var inputs = await plugin.Engine.CheckedAsync(Host, "web", Sound.With(property, UnknownValue.Text));
            Assert.True(inputs[property]!.ContainsUnknown);
            var preview = await plugin.Engine.CreateAsync(Host, "web", inputs, preview: true);
            Assert.True(PropertyCodec.DecodeObject(preview.Properties)["connection"]!.ContainsUnknown);
        }
    }

    [Fact]
    public async Task AnotherMachineReplacesAnotherAddressDoesNot()
    {
        await using var plugin = await PluginProcess.StartAsync();
        var old = await plugin.Engine.CheckedAsync(Host, "web", Sound.With("machine", "i-1"));
        var state = old.With("agentVersion", PluginVersion).With("pinnedHostKey", "").With("schemaVersion", 1);
        async Task<DiffResponse> DiffAsync(ObjectValue news)
            => await plugin.Engine.DiffAsync(Host, "web", "id", old, state, await plugin.Engine.CheckedAsync(Host, "web", news, old));

        Assert.Equal(DiffResponse.Types.DiffChanges.DiffNone, (await DiffAsync(Sound.With("machine", "i-1"))).Changes);
        Assert.Equal(["machine"], (await DiffAsync(Sound.With("machine", "i-2"))).Replaces);
        Assert.Equal(["machine"], (await DiffAsync(Sound.With("machine", UnknownValue.Text))).Replaces);
        var moved = await DiffAsync(Sound.With("machine", "i-1").With("address", "192.0.2.9"));
        Assert.Empty(moved.Replaces);
        Assert.Equal(["address"], moved.DetailedDiff.Keys);
        Assert.False(moved.DeleteBeforeReplace);
    }

    [Theory]
    [InlineData("hosts", "[]", "hosts")]
    [InlineData("meshCidr", "\"10.0.0.1/8\"", "meshCidr")]
    [InlineData("meshPort", "70000", "meshPort")]
    [InlineData("cpuModel", "\"\"", "cpuModel")]
    [InlineData("hosts", "[{\"machineId\": \"m1\", \"name\": \"a\", \"address\": \"192.0.2.1\", \"hostKey\": \"x\"}]", "hosts[0].hostKey")]
    public async Task AFabricsFaultsToo(string property, string json, string path)
    {
        await using var plugin = await PluginProcess.StartAsync();
        var hosts = JsonValues.Parse("""[{"machineId": "m1", "name": "a", "address": "192.0.2.1"}]""")!;
        var response = await plugin.Engine.CheckAsync(Fabric, "blue", ObjectValue.Empty.With("hosts", hosts).With(property, JsonValues.Parse(json)!));
        Assert.Equal(path, Assert.Single(response.Failures).Property);
    }

    [Fact]
    public async Task AFabricFollowsItsHostsMachinesAddressesAndHostKeysAlone()
    {
        await using var plugin = await PluginProcess.StartAsync();
        var hostKey = OpenSshKeyPair.Generate(SshKeyAlgorithm.Ed25519).PublicKey;
        ObjectValue Program(string host) => ObjectValue.Empty.With("hosts", JsonValues.Parse($"[{host.Replace("KEY", hostKey, StringComparison.Ordinal)}]")!);
        var old = await plugin.Engine.CheckedAsync(Fabric, "blue", Program("""{"machineId": "m1", "name": "a", "address": "192.0.2.1", "hostKey": "KEY", "privateKey": "one"}"""));
        var state = old.With("schemaVersion", 1).With("cpuModel", "qemu64").With("machineType", "pc").With("inventory", ObjectValue.Empty)
            .With("members", JsonValues.Parse("""[{"name": "a", "machineId": "m1", "meshAddress": "10.0.0.1", "status": "active"}]""")!)
            .With("connection", JsonValues.Parse("""{"fabricId": "f", "account": "blanket", "privateKey": "x", "publicKey": "y", "entries": []}""")!);
        async Task<DiffResponse> DiffAsync(ObjectValue news)
            => await plugin.Engine.DiffAsync(Fabric, "blue", "f", old, state, await plugin.Engine.CheckedAsync(Fabric, "blue", news, old));

        var rekeyed = Program("""{"machineId": "m1", "name": "a", "address": "192.0.2.1", "hostKey": "KEY", "privateKey": "two"}""");
        Assert.Equal(DiffResponse.Types.DiffChanges.DiffNone, (await DiffAsync(rekeyed)).Changes);
        Assert.Equal(DiffResponse.Types.DiffChanges.DiffNone, (await DiffAsync(rekeyed.With("cpuModel", "qemu64"))).Changes);
        Assert.Equal(DiffResponse.Types.DiffChanges.DiffSome, (await DiffAsync(Program("""{"machineId": "m1", "name": "a", "address": "192.0.2.2", "hostKey": "KEY"}"""))).Changes);
        var unknown = await DiffAsync(ObjectValue.Empty.With("hosts", UnknownValue.Text));
        Assert.Equal(DiffResponse.Types.DiffChanges.DiffSome, unknown.Changes);
        Assert.Empty(unknown.Replaces);
    }

    private static string PluginVersion { get; } = Provider.PluginVersion.Current;
}
