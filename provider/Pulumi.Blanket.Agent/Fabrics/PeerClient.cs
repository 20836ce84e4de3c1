using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Grpc.Net.Client;
using Pulumi.Blanket.Agent.Hosts;
using Pulumi.Blanket.Contract;

namespace Pulumi.Blanket.Agent.Fabrics;

/// <summary>A call to another member, over the mesh, behind mutual TLS.</summary>
internal sealed class PeerClient : IDisposable
{
    private readonly GrpcChannel _channel;

    public PeerClient(FabricFacts facts, Member peer)
    {
        var me = facts.Members.Single(member => member.MachineId == MachineFacts.MachineId);
        SocketsHttpHandler handler = new()
        {
            ConnectTimeout = TimeSpan.FromSeconds(5),
            SslOptions = new SslClientAuthenticationOptions
            {
                ClientCertificates = [FabricKeys.Load(facts.FabricId, me.Certificate)],
                RemoteCertificateValidationCallback = (_, presented, _, _)
                    => FabricCertificates.Verify(presented as X509Certificate2, facts.CaCertificate) == peer.MachineId,
            },
        };
        _channel = GrpcChannel.ForAddress($"https://{peer.MeshAddress}:{facts.Settings.MeshPort}", new GrpcChannelOptions { HttpHandler = handler, DisposeHttpClient = true });
        Calls = new Peer.PeerClient(_channel);
    }

    public Peer.PeerClient Calls { get; }

    public void Dispose() => _channel.Dispose();
}
