using System.Buffers.Binary;
using System.Net.Sockets;
using System.Text;
using Google.Protobuf;
using Pulumi.Blanket.Lab;
using Pulumi.Blanket.Lab.Tests;
using Pulumi.Blanket.Lab.Tests.Support;
using Pulumi.Blanket.Protocol;
using Pulumi.Blanket.Protocol.Values;
using Pulumi.Blanket.Provider.Tests.Engine;
using Pulumi.Blanket.Provider.Tests.Support;

namespace Pulumi.Blanket.Provider.Tests;

/// <summary>Whatever bytes come to the plugin's port: it does not crash or hang, tells nothing on standard output, and goes on answering.</summary>
public sealed class FuzzTests
{
    private const int Few = 3;
    private const int Full = 300;
    private const int Rounds = 40;

    private static readonly string[] Methods =
    [
        "Handshake", "Attach", "GetPluginInfo", "GetSchema", "GetMapping", "GetMappings", "Parameterize", "CheckConfig", "DiffConfig", "Configure", "Invoke", "Call", "Construct", "Check",
        "Diff", "Create", "Read", "Update", "Delete", "List", "Cancel", "Nothing",
    ];

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    [Fact]
    [Trait("campaign", "yes")]
    public Task Garbage_on_the_port() => Seeds.RunAsync("plugin-garbage-bytes", Few, Full, seed => BombardAsync(new Random(seed), static (random, plugin) => SendAsync(plugin, Garbage(random))));

    [Fact]
    [Trait("campaign", "yes")]
    public Task Frames_of_HTTP2_that_make_no_sense()
        => Seeds.RunAsync("plugin-garbage-frames", Few, Full, seed => BombardAsync(new Random(seed), static (random, plugin) => SendAsync(plugin, Frames(random))));

    [Fact]
    [Trait("campaign", "yes")]
    public Task Messages_that_are_none() => Seeds.RunAsync("plugin-garbage-messages", Few, Full, seed => BombardAsync(new Random(seed), CallAsync));

    private static async Task BombardAsync(Random random, Func<Random, PluginProcess, Task> attack)
    {
        await using var plugin = await PluginProcess.StartAsync();
        for (var round = 0; round < Rounds; round++)
        {
            await attack(random, plugin).WaitAsync(Limit);
        }

        await plugin.Engine.CheckedAsync("blanket:index:SshKey", "key", ObjectValue.Empty).WaitAsync(Limit);
        Assert.False(plugin.HasExited);
        Assert.DoesNotContain("BUG", plugin.Errors);
        Assert.Empty(await plugin.KillAndReadOutputAsync());
    }

    private static async Task SendAsync(PluginProcess plugin, byte[] bytes)
    {
        using var socket = await plugin.ConnectAsync(CancellationToken.None);
        try
        {
            await socket.SendAsync(bytes);
            socket.Shutdown(SocketShutdown.Send);
            var buffer = new byte[4096];
            while (await socket.ReceiveAsync(buffer) > 0)
            {
            }
        }
        catch (SocketException)
        {
            // It hung up, which is an answer.
        }
    }

    // Bytes as the body of a call, with a sound frame of gRPC around them or without.
    private static async Task CallAsync(Random random, PluginProcess plugin)
    {
        var body = random.Next(3) switch { 0 => Garbage(random), 1 => Changed(random), _ => Framed(Changed(random)) };
        using HttpClient client = new(new SocketsHttpHandler { ConnectCallback = async (_, token) => new NetworkStream(await plugin.ConnectAsync(token), ownsSocket: true) });
        using HttpRequestMessage request = new(HttpMethod.Post, $"http://127.0.0.1:{plugin.Port}/pulumirpc.ResourceProvider/{Methods[random.Next(Methods.Length)]}")
        {
            Version = new Version(2, 0),
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new ByteArrayContent(body),
        };
        request.Content.Headers.ContentType = new("application/grpc");
        request.Headers.TE.Add(new("trailers"));
        using var response = await client.SendAsync(request);
        await response.Content.ReadAsByteArrayAsync();
    }

    private static byte[] Garbage(Random random)
    {
        var bytes = new byte[random.Next(2000)];
        random.NextBytes(bytes);
        return bytes;
    }

    private static byte[] Frames(Random random)
    {
        using MemoryStream stream = new();
        stream.Write(Encoding.ASCII.GetBytes("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"));
        Span<byte> head = stackalloc byte[9];
        for (var frame = random.Next(20); frame >= 0; frame--)
        {
            var payload = new byte[random.Next(200)];
            random.NextBytes(payload);
            BinaryPrimitives.WriteInt32BigEndian(head, (payload.Length << 8) | random.Next(11));
            head[4] = (byte)random.Next(256);
            BinaryPrimitives.WriteInt32BigEndian(head[5..], random.Next(8));
            stream.Write(head);
            stream.Write(payload);
        }

        return stream.ToArray();
    }

    // A sound request with some of its bytes changed.
    private static byte[] Changed(Random random)
    {
        var bytes = new Protocol.Contract.CreateRequest
        {
            Urn = EngineSession.UrnOf("blanket:index:SshKey", "key"),
            Type = "blanket:index:SshKey",
            Name = "key",
            Preview = true,
            Properties = PropertyCodec.EncodeObject(Objects.Of(("name", "key"), ("algorithm", "ed25519"), ("list", Objects.List(1, true, Objects.Secret("x"))))),
        }.ToByteArray();
        for (var change = random.Next(6); change > 0; change--)
        {
            bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
        }

        return bytes[..random.Next(bytes.Length / 2, bytes.Length + 1)];
    }

    private static byte[] Framed(byte[] message)
    {
        var framed = new byte[message.Length + 5];
        BinaryPrimitives.WriteInt32BigEndian(framed.AsSpan(1), message.Length);
        message.CopyTo(framed, 5);
        return framed;
    }
}
