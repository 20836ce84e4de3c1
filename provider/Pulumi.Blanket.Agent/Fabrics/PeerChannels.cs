using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using Grpc.Core;
using Grpc.Net.Client;
using Pulumi.Blanket.Agent.Machine;
using Pulumi.Blanket.Agent.Timing;
using Pulumi.Blanket.Contract;

namespace Pulumi.Blanket.Agent.Fabrics;

/// <summary>Ways to other members, over the mesh, behind mutual TLS: one connection each, kept open.</summary>
internal sealed class PeerChannels : IDisposable
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, Way> _ways = [];

    public Peer.PeerClient To(FabricFacts facts, Member peer) => new(InvokerTo(facts, peer));

    /// <summary>For calls to any of the peer's services.</summary>
    public CallInvoker InvokerTo(FabricFacts facts, Member peer) => WayTo(facts, peer).Channel.CreateCallInvoker();

    /// <summary>For requests that are passed on as they are.</summary>
    public HttpMessageInvoker HttpTo(FabricFacts facts, Member peer) => WayTo(facts, peer).Http;

    public static string AddressOf(FabricFacts facts, Member peer) => $"https://{peer.MeshAddress}:{facts.Settings.MeshPort}";

    public void Dispose()
    {
        lock (_lock)
        {
            foreach (var way in _ways.Values)
            {
                way.Dispose();
            }

            _ways.Clear();
        }
    }

    private Way WayTo(FabricFacts facts, Member peer)
    {
        var me = facts.Members.FirstOrDefault(member => member.MachineId == MachineFacts.MachineId)
            ?? throw new AgentException(AgentFault.NotPossible, $"this host is no member of the fabric {facts.Settings.Name} any more");
        WayKey key = new(facts.FabricId, me.MeshAddress, peer.MeshAddress, facts.Settings.MeshPort, me.Certificate, facts.CaCertificate);
        lock (_lock)
        {
            if (_ways.TryGetValue(peer.MachineId, out var known))
            {
                if (known.Key == key)
                {
                    return known;
                }

                known.Dispose();
            }

            return _ways[peer.MachineId] = Make(key, facts, peer);
        }
    }

    private static Way Make(WayKey key, FabricFacts facts, Member peer)
    {
        var authority = facts.CaCertificate;
        SocketsHttpHandler handler = new()
        {
            ConnectTimeout = AgentTimeouts.OfProcess.PeerConnect,
            ConnectCallback = (context, token) => ConnectAsync(key.Own, context.DnsEndPoint, token),
            EnableMultipleHttp2Connections = true,
            KeepAlivePingDelay = AgentTimeouts.OfProcess.PeerKeepAlive,
            KeepAlivePingTimeout = AgentTimeouts.OfProcess.PeerKeepAliveAnswer,
            InitialHttp2StreamWindowSize = 4 << 20,
            SslOptions = new SslClientAuthenticationOptions
            {
                ClientCertificates = [FabricKeys.Load(facts.FabricId, key.Certificate)],
                CertificateChainPolicy = FabricCertificates.PolicyOf(authority),
                RemoteCertificateValidationCallback = (_, presented, _, _) => FabricCertificates.Verify(presented as X509Certificate2, authority) == peer.MachineId,
            },
        };
        return new Way(key, new HttpMessageInvoker(handler), GrpcChannel.ForAddress(AddressOf(facts, peer), new GrpcChannelOptions { HttpHandler = handler, MaxReceiveMessageSize = null }));
    }

    /// <summary>From the own mesh address: as long as the mesh is not up that fails at once, where another address would leave the mesh, and wait for an answer that can't come.</summary>
    private static async ValueTask<Stream> ConnectAsync(string from, DnsEndPoint to, CancellationToken cancellationToken)
    {
        Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            socket.Bind(new IPEndPoint(IPAddress.Parse(from), 0));
            SocketLiveness.Watch(socket, AgentTimeouts.OfProcess.PeerKeepAlive, AgentTimeouts.OfProcess.PeerPathAnswer, asks: 1);
            await socket.ConnectAsync(IPAddress.Parse(to.Host), to.Port, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private sealed record WayKey(string FabricId, string Own, string MeshAddress, int Port, string Certificate, string Authority);

    private sealed class Way(WayKey key, HttpMessageInvoker http, GrpcChannel channel) : IDisposable
    {
        public WayKey Key { get; } = key;

        public HttpMessageInvoker Http { get; } = http;

        public GrpcChannel Channel { get; } = channel;

        public void Dispose()
        {
            Channel.Dispose();
            Http.Dispose();
        }
    }
}
