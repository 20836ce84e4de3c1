using Grpc.Core;
using Pulumi.Blanket.Protocol;
using Pulumi.Blanket.Protocol.Contract;
using Pulumi.Blanket.Protocol.Values;
using Pulumi.Blanket.Provider.Definitions;
using Pulumi.Blanket.Provider.Resources.SshKey;
using Pulumi.Blanket.Provider.Tests.Engine;
using Pulumi.Blanket.Provider.Tests.Support;
using static Pulumi.Blanket.Provider.Tests.Support.Objects;

namespace Pulumi.Blanket.Provider.Tests;

/// <summary>Provider configuration is taken in each form in which engines and SDKs write it.</summary>
public sealed class ConfigurationTests
{
    private const string Type = "pulumi:providers:blanket";

    /// <summary>A fabric's `connection`, as an SDK writes it into configuration.</summary>
    private const string Fabric = """{"fabricId": "f", "account": "blanket", "privateKey": "x", "publicKey": "y", "entries": [{"address": "192.0.2.1", "port": 22, "hostKey": "z"}]}""";

    private static string Key { get; } = OpenSshKeyPair.Generate(SshKeyAlgorithm.Ed25519).PrivateKey;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Settings_keep_their_form_and_secret_ones_become_secret()
    {
        await using var plugin = await PluginProcess.StartAsync();
        var settings = Of(("user", "root"), ("privateKey", Key), ("lostHosts", "[\"m-1\",\"m-2\"]"), ("fabric", Fabric), ("version", "0.1.0"));
        var response = await CheckAsync(plugin, settings);

        Assert.Empty(response.Failures);
        Assert.Equal(settings.With("privateKey", Secret(Key)).With("fabric", Secret(Fabric)), PropertyCodec.DecodeObject(response.Inputs));
    }

    [Fact]
    public async Task All_faults_are_told_at_once()
    {
        await using var plugin = await PluginProcess.StartAsync();
        var response = await CheckAsync(plugin, Of(("user", ""), ("privatKey", "KEY"), ("password", 5), ("privateKey", "hunter2 hunter2 hunter2"), ("fabric", "{\"fabricId\":\"f\"}"), ("lostHosts", "m-1"), ("region", "eu")));

        Assert.DoesNotContain("hunter2", string.Join('\n', response.Failures), StringComparison.Ordinal);
        Assert.Contains("this is no private key", Assert.Single(response.Failures, failure => failure.Property == "privateKey").Reason, StringComparison.Ordinal);
        Assert.Equal(
            [
                ("fabric.account", "fabric.account is missing; it must be a text"),
                ("fabric.entries", "fabric.entries is missing; it must be a list"),
                ("fabric.privateKey", "fabric.privateKey is missing; it must be a text"),
                ("fabric.publicKey", "fabric.publicKey is missing; it must be a text"),
                ("lostHosts", "lostHosts is 'm-1'; it must be a list"),
                ("password", "password is a secret that can't be used; it must be a text that is not empty"),
                ("privatKey", "there is no property 'privatKey'; did you mean 'privateKey'?"),
                ("region", "there is no property 'region'; remove it (there are: user, privateKey, privateKeyPassword, password, fabric, lostHosts)"),
                ("user", "user is an empty text; it must be the name of an account: letters, digits, '_', '-' and '.', not starting with a digit"),
            ],
            response.Failures.Where(failure => failure.Property != "privateKey").Select(failure => (failure.Property, failure.Reason)).OrderBy(failure => failure.Property, StringComparer.Ordinal));
    }

    [Fact]
    public async Task Unknown_settings_wait_for_their_value()
    {
        await using var plugin = await PluginProcess.StartAsync();
        var settings = Of(("user", UnknownValue.Text), ("fabric", UnknownValue.Text), ("lostHosts", UnknownValue.Text));
        Assert.Empty((await CheckAsync(plugin, settings)).Failures);
        await plugin.Engine.ConfigureAsync(settings);
    }

    [Fact]
    public async Task Both_ways_to_configure_are_understood_and_bad_settings_refused()
    {
        await using var plugin = await PluginProcess.StartAsync();
        await plugin.Engine.ConfigureAsync(Of(("lostHosts", List("m-1")), ("fabric", Secret(JsonValues.Parse(Fabric)!))));
        await plugin.Engine.Client.ConfigureAsync(new ConfigureRequest { Variables = { ["blanket:config:lostHosts"] = "[\"m-1\"]", ["blanket:config:user"] = "root" } }, cancellationToken: Token);
        var fault = await Assert.ThrowsAsync<RpcException>(async () => await plugin.Engine.Client.ConfigureAsync(
            new ConfigureRequest { Variables = { ["blanket:config:usr"] = "root", ["blanket:config:lostHosts"] = "{}" } }, cancellationToken: Token));

        Assert.Equal(StatusCode.InvalidArgument, fault.StatusCode);
        Assert.Contains("did you mean 'user'?", fault.Status.Detail);
        Assert.Contains("lostHosts is an object; it must be a list", fault.Status.Detail);
    }

    [Fact]
    public async Task A_changed_setting_is_a_change_and_never_a_replacement()
    {
        await using var plugin = await PluginProcess.StartAsync();
        DiffRequest request = new()
        {
            Urn = EngineSession.UrnOf(Type, "p"),
            OldInputs = PropertyCodec.EncodeObject(Of(("user", "a"))),
            News = PropertyCodec.EncodeObject(Of(("user", "b"), ("password", Secret("p")))),
        };
        var response = await plugin.Engine.Client.DiffConfigAsync(request, cancellationToken: Token);

        Assert.Equal(["password", "user"], response.Diffs.Order());
        Assert.Empty(response.Replaces);
        request.News = request.OldInputs;
        Assert.Equal(DiffResponse.Types.DiffChanges.DiffNone, (await plugin.Engine.Client.DiffConfigAsync(request, cancellationToken: Token)).Changes);
    }

    private static async Task<CheckResponse> CheckAsync(PluginProcess plugin, ObjectValue settings)
        => await plugin.Engine.Client.CheckConfigAsync(new CheckRequest { Urn = EngineSession.UrnOf(Type, "p"), Type = Type, News = PropertyCodec.EncodeObject(settings) }, cancellationToken: Token);
}
