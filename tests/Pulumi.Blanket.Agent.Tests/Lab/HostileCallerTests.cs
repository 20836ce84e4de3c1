using System.Net.Sockets;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Grpc.Net.Client;
using Pulumi.Blanket.Agent.Tests.Support;
using Pulumi.Blanket.Contract;
using Pulumi.Blanket.Lab;
using Pulumi.Blanket.Lab.Hosts;
using Pulumi.Blanket.Lab.Tests;
using Pulumi.Blanket.Lab.Tests.Support;

namespace Pulumi.Blanket.Agent.Tests.Lab;

/// <summary>Whatever comes to an agent's socket, from root or from the fabric's account: the agent goes on, stays small, and answers who may ask.</summary>
[Collection(nameof(AgentLab))]
public sealed class HostileCallerTests(AgentLab lab) : AgentLabTest(lab)
{
    private const int Few = 2;
    private const int Full = 50;
    private const int Rounds = 100;
    private const int AccountRounds = 4;

    /// <summary>KiB, while and after it is flooded; see <see cref="FabricTests"/> for what it takes in peace.</summary>
    private const int MemoryLimit = 100 * 1024;

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    [LabFact]
    [Trait("campaign", "yes")]
    public Task GarbageOnTheSocket() => BombardAsync("agent-garbage-bytes", (random, connect, _) => SendAsync(connect, HostileBytes.Garbage(random)));

    [LabFact]
    [Trait("campaign", "yes")]
    public Task FramesOfHttp2ThatMakeNoSense() => BombardAsync("agent-garbage-frames", (random, connect, _) => SendAsync(connect, HostileBytes.Frames(random)));

    [LabFact]
    [Trait("campaign", "yes")]
    public Task FramesOfHttp2ThatAreTooMany() => BombardAsync("agent-floods", (random, connect, _) => SendAsync(connect, HostileBytes.Flood(random)));

    [LabFact]
    [Trait("campaign", "yes")]
    public Task MessagesThatAreNone() => BombardAsync("agent-garbage-messages", CallAsync);

    [LabFact]
    public async Task TheAccountMayAskOnlyWhatIsMeantForIt()
    {
        var host = Lab.Public;
        await FoundAsync(host);
        using (var channel = Channel(() => ConnectAsAccount(host)))
        {
            FabricAgent.FabricAgentClient fabric = new(channel);
            await fabric.PingAsync(new Empty());
            var view = await fabric.GetAsync(new Empty());
            Assert.Equal(TestFabric.Id, view.Facts.FabricId);
            Assert.Empty(view.Facts.CaKey);
            using (var hold = fabric.Hold(new HoldRequest { Name = "fabric", Holder = "test" }))
            {
                Assert.True(await hold.ResponseStream.MoveNext(CancellationToken.None));
                Assert.Equal(HoldEvent.EventOneofCase.Held, hold.ResponseStream.Current.EventCase);
            }

            foreach (var method in AgentMethods.All.Where(method => method.Service.Name is nameof(HostAgent) or nameof(Membership) or nameof(DrainAgent) or nameof(Peer) or nameof(MovePeer)))
            {
                var refused = await Assert.ThrowsAsync<RpcException>(() => CallEmptyAsync(channel, AgentMethods.PathOf(method)));
                // What peers ask is not on this socket at all.
                Assert.Equal(method.Service.Name is nameof(Peer) or nameof(MovePeer) ? StatusCode.Unimplemented : StatusCode.PermissionDenied, refused.StatusCode);
            }
        }

        await AgentLab.TakeBackAsync(host);
    }

    /// <summary>Rounds as root, and some as the account, whose connections are made over SSH.</summary>
    private async Task BombardAsync(string name, Func<Random, Func<Task<Stream>>, FabricFacts, Task> attack)
    {
        var host = Lab.Public;
        await Seeds.RunAsync(name, Few, Full, async seed =>
        {
            Random random = new(seed);
            var facts = await FoundAsync(host);
            var before = await AgentLab.ProcessAsync(host);
            for (var round = 0; round < Rounds + AccountRounds; round++)
            {
                Func<Task<Stream>> connect = round < Rounds ? () => ConnectAsRootAsync(host) : () => Task.FromResult<Stream>(ConnectAsAccount(host));
                await attack(random, connect, facts).WaitAsync(Limit);
            }

            await AgentLab.GetFactsAsync(host).WaitAsync(Limit);
            await TestFabric.GetAsync(host).WaitAsync(Limit);
            Assert.Equal(before, await AgentLab.ProcessAsync(host));
            Assert.InRange(await AgentLab.ResidentMemoryAsync(host), 1, MemoryLimit);
            var bugs = string.Join("\n", await BugsAsync(host, before));
            Assert.True(bugs.Length == 0, bugs);
            await AgentLab.TakeBackAsync(host);
        });
    }

    private static async Task SendAsync(Func<Task<Stream>> connect, byte[] bytes)
    {
        await using var stream = await connect();
        try
        {
            var reading = ReadAllAsync(stream);
            await stream.WriteAsync(bytes);
            if (stream is NetworkStream network)
            {
                network.Socket.Shutdown(SocketShutdown.Send);
            }
            else
            {
                ((ProcessStream)stream).CompleteWrites();
            }

            await reading;
        }
        catch (Exception fault) when (fault is IOException or SocketException)
        {
            // It hung up, which is an answer.
        }
    }

    private static async Task ReadAllAsync(Stream stream)
    {
        var buffer = new byte[4096];
        while (await stream.ReadAsync(buffer) > 0)
        {
        }
    }

    private static async Task CallAsync(Random random, Func<Task<Stream>> connect, FabricFacts facts)
    {
        var method = AgentMethods.All[random.Next(AgentMethods.All.Count)];
        var body = HostileBytes.Body(random, method.InputType, HostileBytes.Sound(facts, facts.Members[0].Settings));
        using HttpClient client = new(new SocketsHttpHandler { ConnectCallback = async (_, _) => await connect() });
        using HttpRequestMessage request = new(HttpMethod.Post, $"http://agent{AgentMethods.PathOf(method)}")
        {
            Version = new Version(2, 0),
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new ByteArrayContent(body),
        };
        request.Content.Headers.ContentType = new("application/grpc");
        request.Headers.TE.Add(new("trailers"));
        using CancellationTokenSource patience = new(TimeSpan.FromMilliseconds(500)); // a lock is held until its caller leaves
        try
        {
            using var response = await client.SendAsync(request, patience.Token);
            await response.Content.ReadAsByteArrayAsync(patience.Token);
        }
        catch (Exception fault) when (fault is HttpRequestException or IOException or OperationCanceledException)
        {
            // It hung up, or it waits: both are answers.
        }
    }

    private static async Task CallEmptyAsync(GrpcChannel channel, string path)
    {
        var bytes = Marshallers.Create(static (byte[] message) => message, static message => message);
        Method<byte[], byte[]> method = new(MethodType.Unary, path.Split('/')[1], path.Split('/')[2], bytes, bytes);
        using var call = channel.CreateCallInvoker().AsyncUnaryCall(method, null, new CallOptions(), []);
        await call;
    }

    private async Task<FabricFacts> FoundAsync(LabHost host)
    {
        var facts = await TestFabric.FoundAsync(host);
        var key = (await File.ReadAllTextAsync(Lab.Lab.PrivateKeyFile + ".pub")).Split(' ');
        return await TestFabric.ChangeAsync(host, new ChangeRequest
        {
            FabricId = TestFabric.Id,
            ExpectedVersion = facts.Version,
            Authorize = { new AuthorizedKey { Owner = "test", PublicKey = $"{key[0]} {key[1]}" } },
        });
    }

    private static async Task<Stream> ConnectAsRootAsync(LabHost host)
    {
        Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(host.PathInside("/run/blanket/agent.sock")));
        return new NetworkStream(socket, ownsSocket: true);
    }

    // As a fabric's plugin comes: its key runs `blanket-agent connect` as the account, and the kernel tells the agent whose that is.
    private ProcessStream ConnectAsAccount(LabHost host)
    {
        var (program, arguments) = Lab.Lab.ControlCommand("/", ["ssh", "-F", Lab.Lab.SshConfigFile, "-o", $"HostKeyAlias={host.Address}", "-o", "LogLevel=ERROR", $"blanket@{host.Address}"]);
        return new ProcessStream(program, arguments);
    }

    private static GrpcChannel Channel(Func<Stream> connect) => GrpcChannel.ForAddress("http://agent", new GrpcChannelOptions
    {
        HttpHandler = new SocketsHttpHandler { ConnectCallback = (_, _) => ValueTask.FromResult(connect()) },
        DisposeHttpClient = true,
    });

    /// <summary>What the agent says of itself.</summary>
    private static async Task<IEnumerable<string>> BugsAsync(LabHost host, string process)
        => (await host.RunOrThrowAsync(["journalctl", "--boot", $"_PID={process}", "--output=cat"])).Split('\n').Where(static line => line.Contains("by a bug of the agent", StringComparison.Ordinal));
}
