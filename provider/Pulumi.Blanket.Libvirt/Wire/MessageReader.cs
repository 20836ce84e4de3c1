using System.Buffers.Binary;
using Pulumi.Blanket.Libvirt.Errors;

namespace Pulumi.Blanket.Libvirt.Wire;

/// <summary>Reads messages from a stream. Memory grows with what has arrived, never with what a length word promises.</summary>
internal sealed class MessageReader(Stream stream)
{
    private const int ChunkBytes = 65_536;

    private readonly byte[] _chunk = new byte[ChunkBytes];
    private int _start;
    private int _end;
    private long _lastArrival = Environment.TickCount64;

    /// <summary>When the last bytes arrived, of whole messages or not; in milliseconds, as <see cref="Environment.TickCount64"/>.</summary>
    public long LastArrival => Volatile.Read(ref _lastArrival);

    /// <summary>The next message; null at a clean end of the stream.</summary>
    /// <exception cref="LibvirtException">The length is out of bounds, or the stream ended inside a message.</exception>
    public async ValueTask<Message?> ReadAsync(CancellationToken cancellationToken)
    {
        if (_end == _start && !await FillAsync(cancellationToken))
        {
            return null;
        }

        while (_end - _start < WireLimits.LengthBytes)
        {
            await FillOrThrowAsync(cancellationToken);
        }

        var length = BinaryPrimitives.ReadUInt32BigEndian(_chunk.AsSpan(_start));
        if (length is < WireLimits.LengthBytes + WireLimits.HeaderBytes or > WireLimits.MaxMessageBytes)
        {
            throw new LibvirtException(LibvirtFault.Protocol, $"a message claims to have {length} bytes, which libvirt's protocol does not allow");
        }

        _start += WireLimits.LengthBytes;
        var rest = (int)length - WireLimits.LengthBytes;
        var message = new byte[Math.Min(rest, ChunkBytes)];
        var filled = 0;
        while (true)
        {
            var take = Math.Min(_end - _start, rest - filled);
            if (filled + take > message.Length)
            {
                Array.Resize(ref message, (int)Math.Min(rest, Math.Max(filled + take, message.Length * 2L)));
            }

            _chunk.AsSpan(_start, take).CopyTo(message.AsSpan(filled));
            _start += take;
            filled += take;
            if (filled == rest)
            {
                return new Message(MessageHeader.Read(message), message.AsMemory(WireLimits.HeaderBytes, rest - WireLimits.HeaderBytes));
            }

            await FillOrThrowAsync(cancellationToken);
        }
    }

    private async ValueTask FillOrThrowAsync(CancellationToken cancellationToken)
    {
        if (!await FillAsync(cancellationToken))
        {
            throw new LibvirtException(LibvirtFault.ConnectionLost, "the stream ended in the middle of a message");
        }
    }

    private async ValueTask<bool> FillAsync(CancellationToken cancellationToken)
    {
        _chunk.AsSpan(_start, _end - _start).CopyTo(_chunk);
        _end -= _start;
        _start = 0;
        var count = await stream.ReadAsync(_chunk.AsMemory(_end), cancellationToken);
        Volatile.Write(ref _lastArrival, Environment.TickCount64);
        _end += count;
        return count > 0;
    }
}
