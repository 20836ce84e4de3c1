using System.Net.Sockets;
using Grpc.Net.Client;
using Pulumi.Blanket.Provider.Hosting;
using Pulumi.Blanket.Provider.Resources;
using Pulumi.Blanket.Provider.Tests.Engine;

namespace Pulumi.Blanket.Provider.Tests.Support;

/// <summary>A package of the test's own, served as the plugin serves its one, inside this process.</summary>
internal sealed class ServedPackage : IAsyncDisposable
{
    private readonly PluginHost _host;
    private readonly GrpcChannel _channel;
    private readonly StringWriter _errors;

    private ServedPackage(PluginHost host, FakeEngine engine, GrpcChannel channel, StringWriter errors)
    {
        (_host, Host, _channel, _errors) = (host, engine, channel, errors);
        Engine = new EngineSession(channel);
    }

    public FakeEngine Host { get; }

    public EngineSession Engine { get; }

    /// <summary>What went to the log.</summary>
    public string Errors
    {
        get
        {
            lock (_errors)
            {
                return _errors.ToString();
            }
        }
    }

    public static async Task<ServedPackage> StartAsync(params IReadOnlyList<Resource> resources)
    {
        var engine = await FakeEngine.StartAsync(new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp));
        StringWriter errors = new();
        Package package = new(resources, [new RepeatFunction()], () => "{}");
        var host = await PluginHost.StartAsync(package, new PluginArguments { EngineAddress = engine.Address, Verbosity = 9 }, errors, TestContext.Current.CancellationToken);
        var channel = GrpcChannel.ForAddress($"http://127.0.0.1:{host.Port}", new GrpcChannelOptions { MaxReceiveMessageSize = null, MaxSendMessageSize = null });
        ServedPackage served = new(host, engine, channel, errors);
        await served.Engine.HandshakeAsync(engine.Address);
        return served;
    }

    public async ValueTask DisposeAsync()
    {
        _channel.Dispose();
        await _host.DisposeAsync();
        await Host.DisposeAsync();
    }
}
