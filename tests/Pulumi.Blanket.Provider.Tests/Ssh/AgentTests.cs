using System.Diagnostics;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Pulumi.Blanket.Contract;
using Pulumi.Blanket.Lab;
using Pulumi.Blanket.Lab.Tests;
using Pulumi.Blanket.Lab.Tests.Support;
using Pulumi.Blanket.Provider.Ssh;
using Pulumi.Blanket.Provider.Ssh.Agent;

namespace Pulumi.Blanket.Provider.Tests.Ssh;

/// <summary>gRPC over a channel, with a server of this process in the host's network in the agent's place.</summary>
[Collection(nameof(SshLab))]
public sealed class AgentTests(SshLab lab, ITestOutputHelper output)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [LabFact]
    public async Task Calls_share_one_channel_and_survive_a_lost_connection()
    {
        await using var server = await StartServerAsync();
        await using var relay = lab.Relay(lab.First);
        await using SshConnections connections = new();
        await using AgentConnections agents = new(connections, new AgentOptions { Command = server.Command });
        FabricAgent.FabricAgentClient client = new(agents.For(lab.Target(relay)));
        Assert.Same(agents.For(lab.Target(relay)), agents.For(lab.Target(relay)));

        await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => client.PingAsync(new Empty(), cancellationToken: Token).ResponseAsync));
        Assert.Equal(1, relay.Accepted);
        Assert.Equal("1", (await lab.First.RunAsync(["pgrep", "-c", "-f", "^busybox nc"])).Output.Trim());

        List<double> times = [];
        for (var call = 0; call < 500; call++)
        {
            var started = Stopwatch.GetTimestamp();
            await client.PingAsync(new Empty(), cancellationToken: Token);
            times.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
        }

        times.Sort();
        output.WriteLine($"call: median {times[250]:0.000} ms, 95th percentile {times[475]:0.000} ms");

        relay.Cut();
        await Eventually.TrueAsync(async () =>
        {
            try
            {
                await client.PingAsync(new Empty(), cancellationToken: Token);
                return true;
            }
            catch (RpcException fault) when (fault.StatusCode is StatusCode.Unavailable or StatusCode.Internal)
            {
                return false;
            }
        }, "calls go through again");
        Assert.Equal(2, relay.Accepted);
    }

    [LabFact]
    public async Task A_dead_link_ends_a_call_that_waits()
    {
        await using var server = await StartServerAsync();
        await using var relay = lab.Relay(lab.First);
        await using SshConnections connections = new();
        await using AgentConnections agents = new(connections, new AgentOptions { Command = server.Command, SilenceLimit = TimeSpan.FromSeconds(7) });
        FabricAgent.FabricAgentClient client = new(agents.For(lab.Target(relay)));
        using var held = client.Hold(new HoldRequest(), cancellationToken: Token);
        await held.ResponseHeadersAsync.WaitAsync(TimeSpan.FromSeconds(10), Token);
        var watch = Stopwatch.StartNew();
        relay.Freeze();
        var fault = await Assert.ThrowsAsync<RpcException>(() => held.ResponseStream.MoveNext(Token));
        output.WriteLine($"{fault.StatusCode} after {watch.Elapsed.TotalSeconds:0.0} s: {fault.Status.Detail}");
        Assert.Equal(StatusCode.Unavailable, fault.StatusCode);
        Assert.Equal(SshFailure.ConnectionLost, AgentConnections.Explain(fault)?.Failure);
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(20));
        relay.Thaw();
    }

    [LabTheory]
    [InlineData("/usr/local/sbin/no-such-agent connect", SshFailure.BlanketAgentMissing)]
    [InlineData("echo 'no socket' >&2; exit 69", SshFailure.BlanketAgentNotRunning)]
    [InlineData("echo 'sudo: a password is required' >&2; exit 1", SshFailure.SudoRefused)]
    public async Task An_agent_that_is_not_there_is_told_from_a_broken_link(string command, SshFailure expected)
    {
        await using var relay = lab.Relay(lab.First);
        await using SshConnections connections = new();
        await using AgentConnections agents = new(connections, new AgentOptions { Command = command });
        FabricAgent.FabricAgentClient client = new(agents.For(lab.Target(relay)));
        var fault = await Assert.ThrowsAsync<RpcException>(() => client.PingAsync(new Empty(), cancellationToken: Token).ResponseAsync);
        output.WriteLine(fault.Status.Detail);
        Assert.Equal(StatusCode.Unavailable, fault.StatusCode);
        Assert.Equal(expected, AgentConnections.Explain(fault)?.Failure);
    }

    [LabFact]
    public async Task What_SSH_reports_comes_through()
    {
        await using var relay = lab.Relay(lab.First);
        await using SshConnections connections = new();
        await using AgentConnections agents = new(connections);
        var target = lab.Target(relay) with { HostKey = lab.Second.PublicHostKey };
        FabricAgent.FabricAgentClient client = new(agents.For(target));
        var fault = await Assert.ThrowsAsync<RpcException>(() => client.PingAsync(new Empty(), cancellationToken: Token).ResponseAsync);
        Assert.Equal(StatusCode.Unavailable, fault.StatusCode);
        Assert.Equal(SshFailure.HostKeyMismatch, AgentConnections.Explain(fault)?.Failure);
    }

    [Fact]
    public void Others_than_root_ask_sudo()
    {
        AgentOptions options = new();
        Assert.Equal("/usr/local/sbin/blanket-agent connect", options.CommandFor(new SshTarget("192.0.2.1")));
        Assert.Equal("sudo -n /usr/local/sbin/blanket-agent connect", options.CommandFor(new SshTarget("192.0.2.1") { User = "admin" }));
    }

    private async Task<Server> StartServerAsync()
    {
        var socket = await lab.First.ListenAsync(Token);
        var port = ((System.Net.IPEndPoint)socket.LocalEndPoint!).Port;
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddGrpc();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.ListenHandle((ulong)socket.Handle, listen => listen.Protocols = HttpProtocols.Http2));
        var app = builder.Build();
        app.MapGrpcService<StandIn>();
        await app.StartAsync(Token);
        return new Server(app, socket, $"exec busybox nc 127.0.0.1 {port}");
    }

    private sealed record Server(WebApplication App, System.Net.Sockets.Socket Socket, string Command) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            using CancellationTokenSource now = new(TimeSpan.FromSeconds(1));
            await App.StopAsync(now.Token);
            await App.DisposeAsync();
            Socket.Dispose();
        }
    }

    private sealed class StandIn : FabricAgent.FabricAgentBase
    {
        public override Task<Empty> Ping(Empty request, ServerCallContext context) => Task.FromResult(new Empty());

        public override async Task Hold(HoldRequest request, IServerStreamWriter<HoldEvent> responseStream, ServerCallContext context)
        {
            await context.WriteResponseHeadersAsync([]);
            await Task.Delay(Timeout.Infinite, context.CancellationToken);
        }
    }
}
