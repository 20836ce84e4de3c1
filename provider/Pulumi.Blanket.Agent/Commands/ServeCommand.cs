using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Pulumi.Blanket.Agent.Fabrics;
using Pulumi.Blanket.Agent.Hosts;
using Pulumi.Blanket.Agent.Hypervisor;
using Pulumi.Blanket.Agent.Images;
using Pulumi.Blanket.Agent.Journal;
using Pulumi.Blanket.Agent.Machine;
using Pulumi.Blanket.Agent.Machines;
using Pulumi.Blanket.Agent.Members;
using Pulumi.Blanket.Agent.Moving;
using Pulumi.Blanket.Agent.Networks;
using Pulumi.Blanket.Agent.Registry;
using Pulumi.Blanket.Agent.Serving;
using Pulumi.Blanket.Agent.Timing;
using Pulumi.Blanket.Agent.Volumes;

namespace Pulumi.Blanket.Agent.Commands;

/// <summary>The service: what the systemd unit runs.</summary>
internal static partial class ServeCommand
{
    public static async Task<int> RunAsync()
    {
        DurableFile.MakeFolder(AgentPaths.Runtime, DurableFile.OpenFolder);
        File.Delete(AgentPaths.Socket);
        StoragePool.CloseToOthers();
        using JournalLoggerProvider log = new();
        var timeouts = AgentTimeouts.OfProcess = AgentTimeoutsFile.Read(AgentPaths.Timeouts);
        var builder = AgentServer.CreateBuilder();
        builder.Logging.ClearProviders().AddProvider(log).AddFilter("Microsoft", LogLevel.Warning).AddFilter("Grpc", LogLevel.None);
        builder.WebHost.ConfigureKestrel(options =>
        {
            options.ListenUnixSocket(AgentPaths.Socket, static listen => listen.Protocols = HttpProtocols.Http2);
            options.Limits.MinResponseDataRate = null; // a stream may wait for its reader
            options.Limits.Http2.KeepAlivePingDelay = timeouts.ClientKeepAlive;
            options.Limits.Http2.KeepAlivePingTimeout = timeouts.ClientKeepAliveAnswer;
        });
        AddServices(builder.Services, timeouts);
        await using var server = builder.Build();
        if (AgentTimeoutsFile.Changed(timeouts) is { Count: > 0 } changed)
        {
            LogTimeouts(server.Services.GetRequiredService<ILoggerFactory>().CreateLogger("Timeouts"), AgentPaths.Timeouts, string.Join(", ", changed));
        }

        server.Use(server.Services.GetRequiredService<AccessGate>().InvokeAsync);
        server.Use(server.Services.GetRequiredService<Relay>().InvokeAsync);
        server.MapGrpcService<HostService>();
        server.MapGrpcService<MembershipService>();
        server.MapGrpcService<DrainService>();
        MapForAccount(server);

        using (OnlyForOwner())
        {
            await server.StartAsync();
        }

        await AgentSocket.OpenToAccountAsync(CancellationToken.None);
        ServiceNotification.Send("READY=1");
        await server.WaitForShutdownAsync();
        await server.Services.GetRequiredService<AgentLifetime>().EndAsync(timeouts.Stop);
        return 0;
    }

    /// <summary>What the fabric's account may ask, of this member or, passed on, of others.</summary>
    internal static void MapForAccount(IEndpointRouteBuilder endpoints)
    {
        endpoints.MapGrpcService<FabricService>();
        endpoints.MapGrpcService<RegistryService>();
        endpoints.MapGrpcService<ImageService>();
        endpoints.MapGrpcService<VolumeService>();
        endpoints.MapGrpcService<MachineService>();
        endpoints.MapGrpcService<MoveService>();
    }

    private static void AddServices(IServiceCollection services, AgentTimeouts timeouts)
    {
        services.AddSingleton(static provider => new AccessGate(Caller.OfSocket, provider.GetRequiredService<ILogger<AccessGate>>()));
        services.AddGrpc(static options => options.Interceptors.Add<CallInterceptor>());
        services.AddSingleton<CallInterceptor>();
        services.AddSingleton(new AgentClock(TimeProvider.System, timeouts));
        services.AddSingleton<AgentLifetime>();
        services.AddSingleton<HostStore>();
        services.AddSingleton<HostLibvirt>();
        services.AddSingleton<Layers.LayerProof>();
        services.AddSingleton<HostInspector>();
        services.AddSingleton<Adoption>();
        services.AddSingleton<HostService>();
        services.AddSingleton<FabricStore>();
        services.AddSingleton<FabricLocks>();
        services.AddSingleton<NetworkWatch>();
        services.AddSingleton<FabricMember>();
        services.AddSingleton<FabricNews>();
        services.AddSingleton<IPeerServices, PeerServices>();
        services.AddSingleton<PeerServer>();
        services.AddSingleton<PeerService>();
        services.AddSingleton<MemberExit>();
        services.AddSingleton<MembershipService>();
        services.AddSingleton<FabricService>();
        services.AddSingleton<PeerChannels>();
        services.AddSingleton<PeerHealth>();
        services.AddSingleton<Relay>();
        services.AddSingleton<RegistryService>();
        services.AddSingleton<PendingReleases>();
        services.AddSingleton<ImageStore>();
        services.AddSingleton<ImageRoom>();
        services.AddSingleton<ImageJobs>();
        services.AddSingleton<ImageService>();
        services.AddSingleton<VolumeStore>();
        services.AddSingleton<VolumeService>();
        services.AddSingleton<MachineCatalog>();
        services.AddSingleton<IImageUsers>(static provider => provider.GetRequiredService<MachineCatalog>());
        services.AddSingleton<IVolumeUsers>(static provider => provider.GetRequiredService<MachineCatalog>());
        services.AddSingleton<FactsCatchUp>();
        services.AddSingleton<MachineReader>();
        services.AddSingleton<MachineWorks>();
        services.AddSingleton<MachineDialer>();
        services.AddSingleton<MachineConsoles>();
        services.AddSingleton<MachineTelling>();
        services.AddSingleton<MachineService>();
        services.AddSingleton<MoveStore>();
        services.AddSingleton<IOpenMoves>(static provider => provider.GetRequiredService<MoveStore>());
        services.AddSingleton<IDamagedRecords>(static provider => provider.GetRequiredService<MoveStore>());
        services.AddSingleton<IDelicateWork, OngoingMoves>();
        services.AddSingleton<MovePeers>();
        services.AddSingleton<MoveRoom>();
        services.AddSingleton<MoveSettlement>();
        services.AddSingleton<PostCopyJudge>();
        services.AddSingleton<IncomingMoves>();
        services.AddSingleton<OutgoingMoves>();
        services.AddSingleton<HostDrain>();
        services.AddSingleton<DrainService>();
        services.AddSingleton<MoveService>();
        services.AddSingleton<MovePeerService>();
        services.AddSingleton<KeyedLocks>();
        services.AddHostedService<FabricSync>();
        services.AddHostedService<HostRestoration>();
        services.AddHostedService<IdleMemory>();
        services.AddHostedService<MachineRestoration>();
        services.AddHostedService<ImageKeeper>();
        services.AddHostedService<MoveKeeper>();
    }

    /// <summary>From the socket's first moment on nobody else may connect to it.</summary>
    private static UmaskScope OnlyForOwner() => new(0x3f);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{File} changes timeouts, as only tests should: {Timeouts}")]
    private static partial void LogTimeouts(ILogger logger, string file, string timeouts);

    private readonly struct UmaskScope : IDisposable
    {
        private readonly uint _before;

        public UmaskScope(uint mask) => _before = NativeMethods.Umask(mask);

        public void Dispose() => _ = NativeMethods.Umask(_before);
    }
}
