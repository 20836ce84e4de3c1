using System.Net;
using Grpc.AspNetCore.Server.Model;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Pulumi.Blanket.Provider.Engine;
using Pulumi.Blanket.Provider.Operations;
using Pulumi.Blanket.Provider.Service;

namespace Pulumi.Blanket.Provider.Hosting;

/// <summary>Serves a package over gRPC on a port of the loopback address, with nothing around it that a plugin does not need.</summary>
internal sealed class PluginHost : IAsyncDisposable
{
    /// <summary>Bytes; Pulumi's engine and SDKs have the same limit.</summary>
    public const int MaxMessageSize = 400 * 1024 * 1024;

    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(10);

    private readonly WebApplication _application;

    private PluginHost(WebApplication application, int port) => (_application, Port) = (application, port);

    public int Port { get; }

    public static async Task<PluginHost> StartAsync(Package package, PluginArguments arguments, TextWriter errors, CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(IPAddress.Loopback, 0, static endPoint => endPoint.Protocols = HttpProtocols.Http2);
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = null;
            kestrel.Limits.MinRequestBodyDataRate = null;
            kestrel.Limits.MinResponseDataRate = null;
            // One connection carries all operations of an engine, and Cancel has to come through beside them.
            kestrel.Limits.Http2.MaxStreamsPerConnection = 10_000;
        });
        builder.Services.Configure<HostOptions>(static options => options.ShutdownTimeout = StopLimit);
        builder.Services.AddRoutingCore();
        builder.Services.AddGrpc(static options =>
        {
            options.MaxReceiveMessageSize = MaxMessageSize;
            options.MaxSendMessageSize = MaxMessageSize;
        });
        EngineLog engine = new();
        engine.Connect(arguments.EngineAddress);
        RunningOperations operations = new();
        builder.Services.AddSingleton<IServiceMethodProvider<ProviderService>, ServiceMethods>();
        builder.Services.AddSingleton(new ProviderService(package, engine, operations, new PluginLog(arguments.Verbosity, errors)));

        var application = builder.Build();
        application.MapGrpcService<ProviderService>();
        application.Lifetime.ApplicationStopping.Register(operations.Cancel);
        await application.StartAsync(cancellationToken);
        var address = application.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        return new PluginHost(application, new Uri(address).Port);
    }

    /// <summary>
    /// Ends when the process is told to (SIGTERM, SIGINT), or when the engine that started it is gone: operations in flight are cancelled first.
    /// </summary>
    public async Task WaitAsync(string engineAddress)
    {
        using CancellationTokenSource stopped = new();
        _ = EngineWatch.WaitUntilGoneAsync(engineAddress, EngineWatch.Interval, stopped.Token).ContinueWith(
            _ => _application.Lifetime.StopApplication(), stopped.Token, TaskContinuationOptions.OnlyOnRanToCompletion, TaskScheduler.Default);
        await _application.WaitForShutdownAsync();
        await stopped.CancelAsync();
    }

    public async ValueTask DisposeAsync() => await _application.DisposeAsync();
}
