using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Pulumi.Blanket.Protocol;
using Pulumi.Blanket.Protocol.Contract;
using Pulumi.Blanket.Protocol.Values;
using Pulumi.Blanket.Provider.Tests.Engine;
using Pulumi.Blanket.Provider.Tests.Support;
using static Pulumi.Blanket.Provider.Tests.Support.Objects;

namespace Pulumi.Blanket.Provider.Tests;

/// <summary>The compiled plugin as engines start it, talk to it, and end it.</summary>
public sealed class PluginTests
{
    private const string SshKey = "blanket:index:SshKey";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task It_says_what_it_can()
    {
        await using var plugin = await PluginProcess.StartAsync();
        var answer = await plugin.Engine.HandshakeAsync(plugin.Host.Address);

        Assert.Equal((true, true, true, true, false),
            (answer.AcceptSecrets, answer.AcceptResources, answer.AcceptOutputs, answer.SupportsAutonamingConfiguration, answer.AcceptsByteString));
        var configured = await plugin.Engine.ConfigureAsync(ObjectValue.Empty);
        Assert.Equal((true, true, true, true, true),
            (configured.AcceptSecrets, configured.AcceptResources, configured.AcceptOutputs, configured.SupportsAutonamingConfiguration, configured.SupportsPreview));
        Assert.Equal("0.1.0", (await plugin.Engine.Client.GetPluginInfoAsync(new Empty(), cancellationToken: Token)).Version);
    }

    [Fact]
    public async Task The_port_is_all_that_it_ever_prints()
    {
        await using var plugin = await PluginProcess.StartAsync();
        await plugin.Engine.CheckedAsync(SshKey, "key", ObjectValue.Empty);

        Assert.Empty(await plugin.KillAndReadOutputAsync());
        Assert.Empty(plugin.Errors.Trim());
    }

    [Fact]
    public async Task Arguments_of_engines_are_understood()
    {
        await using var plugin = await PluginProcess.StartAsync(new() { Arguments = ["--logtostderr", "-v=9", "--logflow", "--tracing", "file:///dev/null"] });
        await plugin.Engine.CheckedAsync(SshKey, "key", ObjectValue.Empty);

        Assert.Matches(new Regex("^\\d\\d:\\d\\d:\\d\\d\\.\\d{3} [0-9a-f]{6} Check urn:pulumi:dev::test::blanket:index:SshKey::key done after", RegexOptions.Multiline), plugin.Errors);
    }

    [Theory]
    [InlineData("--version", 0, "0.1.0")]
    [InlineData("--help", 0, "usage: pulumi-resource-blanket")]
    [InlineData("--bogus", 2, "there is no option '--bogus'")]
    [InlineData("a:1 b:2", 2, "one argument too many")]
    public async Task People_get_an_answer_too(string arguments, int code, string text)
    {
        using var process = Process.Start(new ProcessStartInfo(PluginProcess.Path, arguments.Split(' ')) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var output = await process.StandardOutput.ReadToEndAsync(Token) + await process.StandardError.ReadToEndAsync(Token);
        await process.WaitForExitAsync(Token);

        Assert.Equal(code, process.ExitCode);
        Assert.Contains(text, output);
    }

    [Fact]
    public async Task Without_an_engine_it_serves_too_and_can_be_attached_to_one()
    {
        using var process = Process.Start(new ProcessStartInfo(PluginProcess.Path) { RedirectStandardOutput = true })!;
        try
        {
            var port = int.Parse((await process.StandardOutput.ReadLineAsync(Token))!, CultureInfo.InvariantCulture);
            using var channel = Grpc.Net.Client.GrpcChannel.ForAddress($"http://127.0.0.1:{port}");
            EngineSession engine = new(channel);
            await engine.Client.AttachAsync(new PluginAttach { Address = "127.0.0.1:1" }, cancellationToken: Token);
            for (var run = 0; run < 2; run++)
            {
                await engine.HandshakeAsync("127.0.0.1:1");
                await engine.ConfigureAsync(ObjectValue.Empty);
                await engine.CheckedAsync(SshKey, "key", ObjectValue.Empty);
                await engine.Client.CancelAsync(new Empty(), cancellationToken: Token);
            }
        }
        finally
        {
            process.Kill();
            await process.WaitForExitAsync(Token);
        }
    }

    [Fact]
    public async Task It_ends_when_it_is_told_to()
    {
        await using var plugin = await PluginProcess.StartAsync();
        plugin.Signal("TERM");
        await plugin.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(10), Token);
    }

    [Fact]
    public async Task What_it_does_not_have_is_unimplemented_and_mappings_are_none()
    {
        await using var plugin = await PluginProcess.StartAsync();
        var client = plugin.Engine.Client;
        Assert.Empty((await client.GetMappingsAsync(new GetMappingsRequest { Key = "terraform" }, cancellationToken: Token)).Providers);
        Assert.Empty((await client.GetMappingAsync(new GetMappingRequest { Key = "terraform" }, cancellationToken: Token)).Provider);
        Func<Task>[] calls =
        [
            async () => await client.ConstructAsync(new ConstructRequest { Type = "blanket:index:Fleet" }, cancellationToken: Token),
            async () => await client.CallAsync(new CallRequest { Tok = "blanket:index:Host/x" }, cancellationToken: Token),
            async () => await client.ParameterizeAsync(new ParameterizeRequest(), cancellationToken: Token),
            async () => await client.List(new ListRequest { Token = SshKey }, cancellationToken: Token).ResponseStream.MoveNext(Token),
        ];
        foreach (var call in calls)
        {
            Assert.Equal(StatusCode.Unimplemented, (await Assert.ThrowsAsync<RpcException>(call)).StatusCode);
        }
    }

    [Theory]
    [InlineData(31)]
    [InlineData(34)]
    [InlineData(500)]
    public async Task Values_nested_too_deep_are_refused_by_the_name_of_their_path(int levels)
    {
        await using var plugin = await PluginProcess.StartAsync();
        var value = Value.ForString("deep");
        for (var level = 0; level < levels; level++)
        {
            value = Value.ForStruct(new Struct { Fields = { ["a"] = value } });
        }

        var fault = await Assert.ThrowsAsync<RpcException>(async () => await plugin.Engine.Client.CheckAsync(
            new CheckRequest { Urn = EngineSession.UrnOf(SshKey, "key"), Type = SshKey, Name = "key", News = new Struct { Fields = { ["name"] = value } } }, cancellationToken: Token));
        Assert.Equal(StatusCode.InvalidArgument, fault.StatusCode);
        Assert.StartsWith("the property name.a.a.", fault.Status.Detail);
        Assert.Contains("nested deeper than 30 levels", fault.Status.Detail);
    }

    [Fact]
    public async Task Big_messages_pass()
    {
        await using var plugin = await PluginProcess.StartAsync();
        var response = await plugin.Engine.CheckAsync(SshKey, "key", Of(("name", new string('x', 60_000_000))));

        Assert.Contains("1 to 100 printable characters", Assert.Single(response.Failures).Reason);
    }
}
