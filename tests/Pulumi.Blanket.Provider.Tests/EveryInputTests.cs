using Grpc.Core;
using Pulumi.Blanket.Protocol;
using Pulumi.Blanket.Protocol.Contract;
using Pulumi.Blanket.Protocol.Values;
using Pulumi.Blanket.Provider.Configuration;
using Pulumi.Blanket.Provider.Definitions;
using Pulumi.Blanket.Provider.Functions;
using Pulumi.Blanket.Provider.Tests.Engine;
using Pulumi.Blanket.Provider.Tests.Support;

namespace Pulumi.Blanket.Provider.Tests;

/// <summary>Whatever property a user gets wrong, of whatever the provider takes: the message names it, what it is, and what it must be.</summary>
public sealed class EveryInputTests
{
    private const string Configuration = "pulumi:providers:blanket";

    public static TheoryData<string> Tokens
        => [.. BlanketPackage.Create().Resources.Select(resource => resource.Token), .. BlanketPackage.Create().Functions.Select(function => function.Token), Configuration];

    [Theory]
    [MemberData(nameof(Tokens))]
    public async Task Each_wrong_value_is_told_with_its_place_and_remedy(string token)
    {
        await using var plugin = await PluginProcess.StartAsync();
        List<string> mistakes = [];
        var count = 0;
        foreach (var bad in BadValues.Of(DefinitionOf(token)))
        {
            count++;
            var told = (await CheckAsync(plugin, token, (ObjectValue)bad.Inputs)).FirstOrDefault(failure => failure.Property == bad.Path.ToString());
            if (told is null
                || !told.Reason.Contains(bad.Path.IsRoot ? "" : bad.Path.ToString().Split('.')[^1], StringComparison.Ordinal)
                || (!bad.IsSecret && !told.Reason.Contains(bad.Shown, StringComparison.Ordinal))
                || !told.Reason.Contains(bad.Requirement, StringComparison.Ordinal))
            {
                mistakes.Add($"{bad.Path} ({bad.Shown}): {told?.Reason ?? "not told"}");
            }
        }

        Assert.True(mistakes.Count == 0, string.Join('\n', mistakes));
        Assert.True(count > 5, "there is more that can be wrong");
    }

    [Fact]
    public async Task A_functions_login_is_checked_as_a_hosts()
    {
        await using var plugin = await PluginProcess.StartAsync();
        var arguments = ObjectValue.Empty.With("address", "192.0.2.1").With("privateKey", "hunter2").With("hostKey", "x")
            .With("proxyJump", JsonValues.Parse("""[{"address": "a", "privateKeyPassword": "hunter2", "hostKey": "y"}]""")!);
        var failures = await CheckAsync(plugin, "blanket:index:getHostFacts", arguments);
        Assert.Equal(["hostKey", "privateKey", "proxyJump[0].hostKey", "proxyJump[0].privateKeyPassword"], failures.Select(failure => failure.Property).Order(StringComparer.Ordinal));
        Assert.DoesNotContain("hunter2", string.Join('\n', failures), StringComparison.Ordinal);
    }

    private static ObjectDefinition DefinitionOf(string token)
    {
        var package = BlanketPackage.Create();
        return token == Configuration ? ProviderConfiguration.Definition
            : package.Resources.FirstOrDefault(resource => resource.Token == token)?.InputDefinition ?? package.Function(token).ArgumentDefinition;
    }

    private static async Task<IEnumerable<CheckFailure>> CheckAsync(PluginProcess plugin, string token, ObjectValue inputs)
    {
        if (token == Configuration)
        {
            CheckRequest request = new() { Urn = EngineSession.UrnOf(token, "p"), Type = token, News = PropertyCodec.EncodeObject(inputs) };
            return (await plugin.Engine.Client.CheckConfigAsync(request)).Failures;
        }

        return token.Split(':')[^1] is [var first, ..] && char.IsLower(first)
            ? (await plugin.Engine.Client.InvokeAsync(new InvokeRequest { Tok = token, Args = PropertyCodec.EncodeObject(inputs) })).Failures
            : (await plugin.Engine.CheckAsync(token, "x", inputs)).Failures;
    }
}
