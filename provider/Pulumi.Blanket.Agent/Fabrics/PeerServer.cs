using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Pulumi.Blanket.Agent.Hosts;
using Pulumi.Blanket.Agent.Serving;
using Pulumi.Blanket.Agent.Images;
using Pulumi.Blanket.Agent.Machines;
using Pulumi.Blanket.Agent.Moving;
using Pulumi.Blanket.Agent.Registry;
using Pulumi.Blanket.Agent.Volumes;
using Pulumi.Blanket.Contract;

namespace Pulumi.Blanket.Agent.Fabrics;

/// <summary>The service for other members, on the mesh address alone (TCP, the mesh's port number), behind mutual TLS.</summary>
internal sealed class PeerServer(FabricStore store, ILoggerProvider log, IServiceProvider agent) : IAsyncDisposable
{
    /// <summary>Of an image on its way, so that reading it and sending it need not wait for each other at every step.</summary>
    private const int ResponseBufferBytes = 1 << 20;

    private WebApplication? _server;
    private (string Address, int Port, string Certificate) _at;

    /// <summary>Raised when a peer gave newer facts.</summary>
    public event Action? NewFacts;

    /// <summary>Starts listening, or does nothing where that is so already.</summary>
    public async Task StartAsync(FabricFacts facts, Member me, CancellationToken cancellationToken)
    {
        (string, int, string) at = (me.MeshAddress, facts.Settings.MeshPort, me.Certificate);
        if (_server is not null && _at == at)
        {
            return;
        }

        await StopAsync();
        var certificate = FabricKeys.Load(facts.FabricId, me.Certificate);
        var builder = AgentServer.CreateBuilder();
        builder.Logging.ClearProviders().AddProvider(log).SetMinimumLevel(LogLevel.Warning);
        builder.Services.AddGrpc(options => options.Interceptors.Add<CallInterceptor>());
        builder.Services.AddSingleton<CallInterceptor>();
        builder.Services.AddSingleton(store);
        builder.Services.AddSingleton(new PeerService(store, agent.GetRequiredService<ImageStore>(), agent.GetRequiredService<ImageJobs>(), agent.GetRequiredService<MemberExit>(), agent.GetRequiredService<FabricMember>(), () => NewFacts?.Invoke()));

        // What the fabric's account may ask of a member, other members pass on.
        builder.Services.AddSingleton(agent.GetRequiredService<FabricService>());
        builder.Services.AddSingleton(agent.GetRequiredService<RegistryService>());
        builder.Services.AddSingleton(agent.GetRequiredService<ImageService>());
        builder.Services.AddSingleton(agent.GetRequiredService<VolumeService>());
        builder.Services.AddSingleton(agent.GetRequiredService<MachineService>());
        builder.Services.AddSingleton(agent.GetRequiredService<MoveService>());
        builder.Services.AddSingleton(agent.GetRequiredService<MovePeerService>());
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(options =>
        {
            options.Limits.MinResponseDataRate = null; // a stream may wait for its reader
            options.Limits.MaxResponseBufferSize = ResponseBufferBytes;
            options.Listen(IPAddress.Parse(me.MeshAddress), facts.Settings.MeshPort, listen =>
            {
                listen.Protocols = HttpProtocols.Http2;
                listen.UseHttps(https =>
                {
                    https.ServerCertificate = certificate;
                    https.ClientCertificateMode = ClientCertificateMode.RequireCertificate;
                    https.OnAuthenticate = (_, tls) => tls.CertificateChainPolicy = FabricCertificates.PolicyOf(facts.CaCertificate);
                    https.ClientCertificateValidation = (presented, _, _) => IsMember(presented);
                });
            });
        });
        var server = builder.Build();
        server.MapGrpcService<PeerService>();
        server.MapGrpcService<FabricService>();
        server.MapGrpcService<RegistryService>();
        server.MapGrpcService<ImageService>();
        server.MapGrpcService<VolumeService>();
        server.MapGrpcService<MachineService>();
        server.MapGrpcService<MoveService>();
        server.MapGrpcService<MovePeerService>();
        try
        {
            await server.StartAsync(cancellationToken);
        }
        catch (Exception fault) when (fault is IOException or SocketException)
        {
            await server.DisposeAsync();
            throw new AgentException(AgentFault.NotPossible, $"port {facts.Settings.MeshPort} on the mesh address {me.MeshAddress} can't be listened on: {fault.Message}", fault);
        }

        _server = server;
        _at = at;
    }

    public async Task StopAsync()
    {
        if (_server is not null)
        {
            await _server.StopAsync(new CancellationToken(canceled: true));
            await _server.DisposeAsync();
            _server = null;
        }
    }

    public async ValueTask DisposeAsync() => await StopAsync();

    private bool IsMember(X509Certificate2 presented)
        => store.Current is { } facts
            && FabricCertificates.Verify(presented, facts.CaCertificate) is { } machine
            && machine != MachineFacts.MachineId
            && facts.Members.Any(member => member.MachineId == machine);
}
