using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Pulumi.Blanket.Agent.Fabrics;
using Pulumi.Blanket.Agent.Hosts;
using Pulumi.Blanket.Agent.Images;
using Pulumi.Blanket.Agent.Journal;
using Pulumi.Blanket.Agent.Machine;
using Pulumi.Blanket.Agent.Machines;
using Pulumi.Blanket.Agent.Moving;
using Pulumi.Blanket.Agent.Registry;
using Pulumi.Blanket.Agent.Serving;
using Pulumi.Blanket.Agent.Volumes;

namespace Pulumi.Blanket.Agent.Commands;

/// <summary>The service: what the systemd unit runs.</summary>
internal static class ServeCommand
{
    /// <summary>For work that its caller is not needed for, such as an installation of packages, when the agent is told to stop.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(9);

    public static async Task<int> RunAsync()
    {
        DurableFile.MakeFolder(AgentPaths.Runtime, DurableFile.OpenFolder);
        File.Delete(AgentPaths.Socket);
        StoragePool.CloseToOthers();
        using JournalLoggerProvider log = new();
        var builder = AgentServer.CreateBuilder();
        builder.Logging.ClearProviders().AddProvider(log).AddFilter("Microsoft", LogLevel.Warning).AddFilter("Grpc", LogLevel.None);
        builder.WebHost.ConfigureKestrel(static options =>
        {
            options.ListenUnixSocket(AgentPaths.Socket, static listen => listen.Protocols = HttpProtocols.Http2);
            options.Limits.MinResponseDataRate = null; // a stream may wait for its reader
            options.Limits.Http2.KeepAlivePingDelay = TimeSpan.FromSeconds(5);
            options.Limits.Http2.KeepAlivePingTimeout = TimeSpan.FromSeconds(10);
        });
        AddServices(builder.Services);
        await using var server = builder.Build();
        server.Use(server.Services.GetRequiredService<Relay>().InvokeAsync);
        server.MapGrpcService<HostService>();
        server.MapGrpcService<MembershipService>();
        server.MapGrpcService<FabricService>();
        server.MapGrpcService<RegistryService>();
        server.MapGrpcService<ImageService>();
        server.MapGrpcService<VolumeService>();
        server.MapGrpcService<MachineService>();
        server.MapGrpcService<MoveService>();
        server.MapGrpcService<DrainService>();

        using (OnlyForOwner())
        {
            await server.StartAsync();
        }

        await AgentSocket.OpenToAccountAsync(CancellationToken.None);
        ServiceNotification.Send("READY=1");
        await server.WaitForShutdownAsync();
        await server.Services.GetRequiredService<AgentLifetime>().EndAsync(Patience);
        return 0;
    }

    private static void AddServices(IServiceCollection services)
    {
        services.AddGrpc(static options => options.Interceptors.Add<CallInterceptor>());
        services.AddSingleton<CallInterceptor>();
        services.AddSingleton<AgentLifetime>();
        services.AddSingleton<HostStore>();
        services.AddSingleton<HostLibvirt>();
        services.AddSingleton<HostInspector>();
        services.AddSingleton<Adoption>();
        services.AddSingleton<HostService>();
        services.AddSingleton<FabricStore>();
        services.AddSingleton<FabricLocks>();
        services.AddSingleton<FabricMember>();
        services.AddSingleton<PeerServer>();
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
        services.AddSingleton<FactsCatchUp>();
        services.AddSingleton<MachineReader>();
        services.AddSingleton<MachineWorks>();
        services.AddSingleton<MachineDialer>();
        services.AddSingleton<MachineConsoles>();
        services.AddSingleton<MachineTelling>();
        services.AddSingleton<MachineService>();
        services.AddSingleton<MoveStore>();
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

    private readonly struct UmaskScope : IDisposable
    {
        private readonly uint _before;

        public UmaskScope(uint mask) => _before = NativeMethods.Umask(mask);

        public void Dispose() => _ = NativeMethods.Umask(_before);
    }
}
