using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Pulumi.Blanket.Engine.Plugins;

namespace Pulumi.Blanket.Engine.Monitoring;

/// <summary>The services that providers call: log, status of views, and for components the resource monitor. They listen on loopback alone.</summary>
internal sealed class EngineServer : IAsyncDisposable
{
    private readonly WebApplication _application;

    private EngineServer(WebApplication application, string address) => (_application, Address) = (application, address);

    /// <summary><c>127.0.0.1:port</c></summary>
    public string Address { get; }

    public static async Task<EngineServer> StartAsync(LogService log, StatusService status, MonitorService monitor)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.Limits.MaxRequestBodySize = null;
            kestrel.Listen(IPAddress.Loopback, 0, endPoint => endPoint.Protocols = HttpProtocols.Http2);
        });
        builder.Services.AddRoutingCore();
        builder.Services.AddGrpc(options => (options.MaxReceiveMessageSize, options.MaxSendMessageSize) = (ProviderChannel.MaxMessageBytes, ProviderChannel.MaxMessageBytes));
        builder.Services.TryAddSingleton(log);
        builder.Services.TryAddSingleton(status);
        builder.Services.TryAddSingleton(monitor);
        var application = builder.Build();
        application.MapGrpcService<LogService>();
        application.MapGrpcService<StatusService>();
        application.MapGrpcService<MonitorService>();
        await application.StartAsync();
        var addresses = application.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!;
        return new EngineServer(application, new Uri(addresses.Addresses.First()).Authority);
    }

    public async ValueTask DisposeAsync() => await _application.DisposeAsync();
}
