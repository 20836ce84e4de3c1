using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Pulumi.Blanket.Protocol.Contract;

namespace Pulumi.Blanket.Provider.Tests.Engine;

/// <summary>The services of an engine that a plugin calls: it keeps what was logged and published.</summary>
internal sealed class FakeEngine : IAsyncDisposable
{
    private readonly WebApplication _application;

    private FakeEngine(WebApplication application, string address) => (_application, Address) = (application, address);

    /// <summary>What stands on a plugin's command line.</summary>
    public string Address { get; }

    public ConcurrentQueue<LogRequest> Logs { get; } = new();

    public ConcurrentQueue<PublishViewStepsRequest> Views { get; } = new();

    public static async Task<FakeEngine> StartAsync(Socket listener)
    {
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var address = listener.LocalEndPoint!.ToString()!;
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore()
            .UseSockets(sockets => sockets.CreateBoundListenSocket = _ => listener)
            .ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, endPoint => endPoint.Protocols = HttpProtocols.Http2));
        builder.Services.AddRoutingCore();
        builder.Services.AddGrpc();
        LogService logs = new();
        StatusService status = new();
        builder.Services.AddSingleton(logs);
        builder.Services.AddSingleton(status);
        var application = builder.Build();
        application.MapGrpcService<LogService>();
        application.MapGrpcService<StatusService>();
        FakeEngine engine = new(application, address);
        logs.Owner = status.Owner = engine;
        await application.StartAsync();
        return engine;
    }

    public async ValueTask DisposeAsync() => await _application.DisposeAsync();

    private sealed class LogService : Protocol.Contract.Engine.EngineBase
    {
        public FakeEngine Owner { get; set; } = null!;

        public override Task<Empty> Log(LogRequest request, ServerCallContext context)
        {
            Owner.Logs.Enqueue(request);
            return Task.FromResult(new Empty());
        }
    }

    private sealed class StatusService : ResourceStatus.ResourceStatusBase
    {
        public FakeEngine Owner { get; set; } = null!;

        public override Task<PublishViewStepsResponse> PublishViewSteps(PublishViewStepsRequest request, ServerCallContext context)
        {
            Owner.Views.Enqueue(request);
            return Task.FromResult(new PublishViewStepsResponse());
        }
    }
}
