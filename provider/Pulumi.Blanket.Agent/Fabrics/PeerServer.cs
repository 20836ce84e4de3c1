using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Pulumi.Blanket.Agent.Machine;
using Pulumi.Blanket.Agent.Serving;
using Pulumi.Blanket.Agent.Timing;
using Pulumi.Blanket.Contract;

namespace Pulumi.Blanket.Agent.Fabrics;

/// <summary>The server for other members, on the mesh address alone (TCP, the mesh's port number), behind mutual TLS.</summary>
internal sealed class PeerServer(FabricStore store, ILoggerProvider log, IPeerServices services) : IAsyncDisposable
{
    /// <summary>Of an image on its way, so that reading it and sending it need not wait for each other at every step.</summary>
    private const int ResponseBufferBytes = 1 << 20;

    private WebApplication? _server;
    private (string Address, int Port, string Certificate) _at;

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
        services.AddTo(builder.Services);
        builder.Services.AddSingleton(provider => new AccessGate(Identify, provider.GetRequiredService<ILogger<AccessGate>>()));
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(options =>
        {
            options.Limits.MinResponseDataRate = null; // a stream may wait for its reader
            options.Limits.MaxResponseBufferSize = ResponseBufferBytes;

            // Whoever went away without a word is noticed, so that what it asked for ends.
            options.Limits.Http2.KeepAlivePingDelay = AgentTimeouts.OfProcess.MemberKeepAlive;
            options.Limits.Http2.KeepAlivePingTimeout = AgentTimeouts.OfProcess.MemberKeepAliveAnswer;
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
        server.Use(server.Services.GetRequiredService<AccessGate>().InvokeAsync);
        server.Use(services.Relay.InvokeAsync);
        services.Map(server);
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

    /// <summary>By the certificate, which was verified with the connection; but who has left the fabric since is nobody.</summary>
    private Caller? Identify(HttpContext context)
        => store.Current is { } facts && context.Connection.ClientCertificate is { } certificate && FabricCertificates.SubjectOf(certificate) is var machine && IsOther(facts, machine)
            ? context.Request.Headers.ContainsKey(Relay.RelayedHeader) ? new Caller(CallerKinds.Account, machine) : new Caller(CallerKinds.Member, machine)
            : null;

    private bool IsMember(X509Certificate2 presented)
        => store.Current is { } facts && FabricCertificates.Verify(presented, facts.CaCertificate) is { } machine && IsOther(facts, machine);

    private static bool IsOther(FabricFacts facts, string machine) => machine != MachineFacts.MachineId && facts.Members.Any(member => member.MachineId == machine);
}
