using System.Net;
using Grpc.Net.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Pulumi.Blanket.Engine.Plugins;
using Pulumi.Blanket.Protocol.Contract;

namespace Pulumi.Blanket.Engine.Tests.Recordings;

/// <summary>Serves one provider over gRPC for all plugins that the engine wants to start.</summary>
internal sealed class ReplaySource<TProvider> : IProviderSource, IAsyncDisposable
    where TProvider : ResourceProvider.ResourceProviderBase
{
    private readonly WebApplication _application;
    private readonly GrpcChannel _channel;
    private int _connections;

    private ReplaySource(WebApplication application, GrpcChannel channel) => (_application, _channel) = (application, channel);

    /// <summary>How many plugins the engine has wanted so far.</summary>
    public int Connections => _connections;

    public static async Task<ReplaySource<TProvider>> StartAsync(TProvider provider)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, endPoint => endPoint.Protocols = HttpProtocols.Http2));
        builder.Services.AddRoutingCore();
        builder.Services.AddGrpc();
        builder.Services.AddSingleton(provider);
        var application = builder.Build();
        application.MapGrpcService<TProvider>();
        await application.StartAsync();
        var address = application.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        return new ReplaySource<TProvider>(application, GrpcChannel.ForAddress(address));
    }

    public Task<ProviderConnection> ConnectAsync(string package, string version, string engineAddress, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _connections);
        return Task.FromResult(new ProviderConnection(new ResourceProvider.ResourceProviderClient(_channel), "", () => ValueTask.CompletedTask));
    }

    public async ValueTask DisposeAsync()
    {
        _channel.Dispose();
        await _application.DisposeAsync();
    }
}
