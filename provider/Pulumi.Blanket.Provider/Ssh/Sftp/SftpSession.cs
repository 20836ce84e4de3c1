using System.Buffers.Binary;
using System.Collections.Concurrent;
using Pulumi.Blanket.Provider.Ssh.Wire;

namespace Pulumi.Blanket.Provider.Ssh.Sftp;

/// <summary>
/// SFTP version 3 over a stream: requests in flight side by side, answers by their number. The library's own SFTP client would make a
/// connection of its own for it, and hosts limit those.
/// </summary>
internal sealed class SftpSession : IAsyncDisposable
{
    /// <summary>As much as every server takes in one packet.</summary>
    public const int BlockSize = 32 * 1024;

    private const uint ProtocolVersion = 3;
    private const int MaxPacket = 256 * 1024;

    private readonly Stream _stream;
    private readonly ConcurrentDictionary<uint, TaskCompletionSource<(SftpType Type, byte[] Body)>> _pending = new();
    private readonly SemaphoreSlim _writing = new(1);
    private Exception? _end;
    private uint _lastId;

    private SftpSession(Stream stream) => _stream = stream;

    /// <summary>Names of the extensions that the server offers.</summary>
    public IReadOnlySet<string> Extensions { get; private set; } = new HashSet<string>();

    public static async Task<SftpSession> StartAsync(Stream stream, CancellationToken cancellationToken)
    {
        SftpSession session = new(stream);
        WireWriter hello = new();
        hello.WriteUInt32(5);
        hello.WriteByte((byte)SftpType.Init);
        hello.WriteUInt32(ProtocolVersion);
        await stream.WriteAsync(hello.ToArray(), cancellationToken);
        var (type, body) = await session.ReadPacketAsync(cancellationToken) ?? throw new InvalidDataException("the SFTP server ended before it said anything");
        session.Extensions = ReadVersion(type, body);
        _ = session.ReceiveAsync();
        return session;
    }

    /// <summary>Sends a request and returns the answer's body after its number.</summary>
    /// <exception cref="SftpFault">The server answers with a status instead, other than Ok.</exception>
    public async Task<byte[]> AskAsync(SftpType type, Action<WireWriter> write, SftpType expected, CancellationToken cancellationToken)
        => await await SendAsync(type, write, expected, cancellationToken);

    /// <summary>Sends a request; the task that is returned inside is its answer.</summary>
    public async Task<Task<byte[]>> SendAsync(SftpType type, Action<WireWriter> write, SftpType expected, CancellationToken cancellationToken)
    {
        var id = Interlocked.Increment(ref _lastId);
        TaskCompletionSource<(SftpType, byte[])> answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
        _pending[id] = answer;
        if (Volatile.Read(ref _end) is { } end)
        {
            throw end;
        }

        WireWriter body = new();
        body.WriteUInt32(0);
        body.WriteByte((byte)type);
        body.WriteUInt32(id);
        write(body);
        var packet = body.ToArray();
        BinaryPrimitives.WriteUInt32BigEndian(packet, (uint)packet.Length - 4);

        await _writing.WaitAsync(cancellationToken);
        try
        {
            // Whole or not at all: half a packet would spoil all that follow.
            await _stream.WriteAsync(packet, CancellationToken.None).AsTask().WaitAsync(cancellationToken);
        }
        finally
        {
            _writing.Release();
        }

        return CheckAsync(answer.Task, expected, cancellationToken);
    }

    public async ValueTask DisposeAsync() => await _stream.DisposeAsync();

    private static async Task<byte[]> CheckAsync(Task<(SftpType Type, byte[] Body)> answer, SftpType expected, CancellationToken cancellationToken)
    {
        var (type, body) = await answer.WaitAsync(cancellationToken);
        if (type == SftpType.Status)
        {
            var status = ReadStatus(body, out var message);
            return status == SftpStatus.Ok && expected == SftpType.Status ? body : throw new SftpFault(status, message);
        }

        return type == expected ? body : throw new InvalidDataException($"the SFTP server answered with {type} where {expected} was expected");
    }

    private static SftpStatus ReadStatus(byte[] body, out string message)
    {
        WireReader reader = new(body);
        var status = (SftpStatus)reader.ReadUInt32();
        message = reader.IsAtEnd ? status.ToString() : reader.ReadText();
        return status;
    }

    private static HashSet<string> ReadVersion(SftpType type, byte[] body)
    {
        WireReader reader = new(body);
        if (type != SftpType.Version || reader.ReadUInt32() < ProtocolVersion)
        {
            throw new InvalidDataException("the SFTP server speaks another version than 3");
        }

        HashSet<string> extensions = [];
        while (!reader.IsAtEnd)
        {
            extensions.Add(reader.ReadText());
            reader.ReadBytes();
        }

        return extensions;
    }

    private async Task ReceiveAsync()
    {
        Exception end = new EndOfStreamException("the SFTP server ended");
        try
        {
            while (await ReadPacketAsync(CancellationToken.None) is { } packet)
            {
                var id = BinaryPrimitives.ReadUInt32BigEndian(packet.Body);
                if (_pending.TryRemove(id, out var answer))
                {
                    answer.SetResult((packet.Type, packet.Body[4..]));
                }
            }
        }
        catch (Exception fault)
        {
            end = fault;
        }

        Volatile.Write(ref _end, end);
        foreach (var (id, _) in _pending)
        {
            if (_pending.TryRemove(id, out var answer))
            {
                answer.TrySetException(end);
                // Not every answer has somebody left who waits for it.
                _ = answer.Task.Exception;
            }
        }
    }

    private async Task<(SftpType Type, byte[] Body)?> ReadPacketAsync(CancellationToken cancellationToken)
    {
        var head = new byte[5];
        if (await _stream.ReadAtLeastAsync(head, head.Length, throwOnEndOfStream: false, cancellationToken) < head.Length)
        {
            return null;
        }

        var length = BinaryPrimitives.ReadUInt32BigEndian(head);
        // Type and number, or type and version.
        if (length is < 5 or > MaxPacket)
        {
            throw new InvalidDataException("what answers is no SFTP server; check that the login shell's start files print nothing");
        }

        var body = new byte[length - 1];
        await _stream.ReadExactlyAsync(body, cancellationToken);
        return ((SftpType)head[4], body);
    }
}
