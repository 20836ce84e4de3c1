using System.Threading.Channels;
using Pulumi.Blanket.Libvirt.Connection;
using Pulumi.Blanket.Libvirt.Errors;
using Pulumi.Blanket.Libvirt.Wire;

namespace Pulumi.Blanket.Libvirt.Tests.Support;

/// <summary>
/// A libvirtd that does what a test tells it: it greets as the real one does, answers keepalive if it is to, and gives all else to the test.
/// For what the real one can't be made to show.
/// </summary>
internal sealed class FakeServer(int bufferBytes = 1 << 20)
{
    private readonly Channel<FakeCall> _calls = Channel.CreateUnbounded<FakeCall>();
    private readonly Lock _gate = new();
    private readonly List<Stream> _streams = [];

    public int Connections { get; private set; }

    public bool AnswersPings { get; set; } = true;

    public bool Refuses { get; set; }

    /// <summary>False: reads no further after the greeting.</summary>
    public bool Reads { get; set; } = true;

    /// <summary>What authentication it asks for; 0 is none.</summary>
    public int AuthType { get; init; }

    public ConnectionSettings Settings(TimeSpan? keepaliveInterval = null, TimeSpan? connectTimeout = null)
        => new(OpenAsync, "qemu:///system", connectTimeout ?? TimeSpan.FromSeconds(5), keepaliveInterval ?? TimeSpan.FromSeconds(30), 3);

    public ValueTask<Stream> OpenAsync(CancellationToken cancellationToken)
    {
        if (Refuses)
        {
            throw new IOException("connection refused");
        }

        var (client, server) = DuplexStream.Pair(bufferBytes);
        lock (_gate)
        {
            Connections++;
            _streams.Add(server);
        }

        _ = ServeAsync(server);
        return ValueTask.FromResult(client);
    }

    /// <summary>The next call after the greeting.</summary>
    public async Task<FakeCall> NextAsync() => await _calls.Reader.ReadAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(TimeSpan.FromSeconds(5));

    public bool TryNext(out FakeCall? call) => _calls.Reader.TryRead(out call);

    /// <summary>The stream of the newest connection.</summary>
    public Stream Stream
    {
        get
        {
            lock (_gate)
            {
                return _streams[^1];
            }
        }
    }

    /// <summary>Ends all connections, as a killed libvirtd does.</summary>
    public async Task KillAsync()
    {
        List<Stream> streams;
        lock (_gate)
        {
            streams = [.. _streams];
            _streams.Clear();
        }

        foreach (var stream in streams)
        {
            await stream.DisposeAsync();
        }
    }

    private async Task ServeAsync(Stream stream)
    {
        MessageReader reader = new(stream);
        try
        {
            while (await reader.ReadAsync(CancellationToken.None) is { } message)
            {
                await HandleAsync(new FakeCall(stream, message));
                while (!Reads)
                {
                    await Task.Delay(10);
                }
            }
        }
        catch (Exception fault) when (fault is IOException or LibvirtException or InvalidOperationException or ObjectDisposedException)
        {
            // The client went.
        }
    }

    private async Task HandleAsync(FakeCall call)
    {
        var header = call.Message.Header;
        if (header.Program == Procedures.KeepaliveProgram)
        {
            if (AnswersPings)
            {
                await call.Stream.WriteAsync(Message.ToBytes(header with { Procedure = Procedures.KeepalivePong }, []));
            }
        }
        else if (header.Procedure == Procedures.AuthList.Number)
        {
            await call.ReplyAsync(writer => writer.Int(1).Int(AuthType));
        }
        else if (header.Procedure == Procedures.ConnectSupportsFeature.Number)
        {
            await call.ReplyAsync(writer => writer.Int(1));
        }
        else if (header.Procedure == Procedures.ConnectOpen.Number || header.Procedure == Procedures.ConnectClose.Number)
        {
            await call.ReplyAsync(_ => { });
        }
        else if (header.Procedure == Procedures.ConnectDomainEventCallbackRegisterAny.Number)
        {
            await call.ReplyAsync(writer => writer.Int(1));
        }
        else
        {
            await _calls.Writer.WriteAsync(call);
        }
    }
}
