using Grpc.Core;
using Pulumi.Blanket.Protocol;
using Pulumi.Blanket.Protocol.Contract;
using static Pulumi.Blanket.Provider.Tests.Objects;

namespace Pulumi.Blanket.Provider.Tests;

/// <summary>Provider configuration is taken in each form in which engines and SDKs write it.</summary>
public sealed class ConfigurationTests
{
    private const string Type = "pulumi:providers:blanket";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Settings_keep_their_form_and_secret_ones_become_secret()
    {
        await using var plugin = await PluginProcess.StartAsync();
        var settings = Of(("user", "root"), ("privateKey", "KEY"), ("lostHosts", "[\"m-1\",\"m-2\"]"), ("fabric", "{\"id\":\"f\"}"), ("version", "0.1.0"));
        var response = await CheckAsync(plugin, settings);

        Assert.Empty(response.Failures);
        Assert.Equal(settings.With("privateKey", Secret("KEY")).With("fabric", Secret("{\"id\":\"f\"}")), PropertyCodec.DecodeObject(response.Inputs));
    }

    [Fact]
    public async Task All_faults_are_told_at_once()
    {
        await using var plugin = await PluginProcess.StartAsync();
        var response = await CheckAsync(plugin, Of(("user", ""), ("privatKey", "KEY"), ("password", 5), ("lostHosts", "m-1"), ("region", "eu")));

        Assert.Equal(
            [
                ("lostHosts", "lostHosts is 'm-1'; it must be a list"),
                ("password", "password is a secret that can't be used; it must be a text"),
                ("privatKey", "there is no property 'privatKey'; did you mean 'privateKey'?"),
                ("region", "there is no property 'region'; remove it (there are: user, privateKey, privateKeyPassword, password, fabric, lostHosts)"),
                ("user", "user is an empty text; it must be a text that is not empty"),
            ],
            response.Failures.Select(failure => (failure.Property, failure.Reason)).OrderBy(failure => failure.Property, StringComparer.Ordinal));
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
        await plugin.Engine.ConfigureAsync(Of(("lostHosts", List("m-1")), ("fabric", Secret(Of(("id", "f"))))));
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
