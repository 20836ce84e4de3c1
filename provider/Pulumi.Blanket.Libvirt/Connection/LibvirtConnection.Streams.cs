using System.Threading.Channels;
using Pulumi.Blanket.Libvirt.Errors;
using Pulumi.Blanket.Libvirt.Wire;

namespace Pulumi.Blanket.Libvirt.Connection;

// libvirt's streams: packets either way that carry the number of the call that began them (src/rpc/virnetprotocol.x). One for a connection.
internal sealed partial class LibvirtConnection
{
    /// <summary>Packets that wait for a reader; after that nothing more is read, and libvirtd waits too.</summary>
    private const int MaxPacketsWaiting = 8;

    private readonly Channel<ReadOnlyMemory<byte>> _packets = Channel.CreateBounded<ReadOnlyMemory<byte>>(MaxPacketsWaiting);
    private Procedure? _streaming;
    private uint _streamSerial;

    /// <summary>What comes of the stream; completed at its end, with the reason where it did not end by itself.</summary>
    public ChannelReader<ReadOnlyMemory<byte>> Packets => _packets.Reader;

    /// <summary>Makes the call that begins the connection's stream.</summary>
    public Task BeginStreamAsync(Procedure procedure, Action<XdrWriter> arguments, TimeSpan timeout, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            // Packets may come as soon as libvirtd has answered, before anybody here knows that it has.
            _streaming = procedure;
        }

        return CallAsync(procedure, arguments, (ref _) => true, timeout, cancellationToken);
    }

    /// <summary>Sends a packet: with bytes, or with <see cref="MessageStatus.Ok"/> the last one.</summary>
    /// <exception cref="LibvirtException">The connection is over.</exception>
    public async Task SendPacketAsync(ReadOnlyMemory<byte> bytes, MessageStatus status, CancellationToken cancellationToken)
    {
        var message = Message.ToBytes(new MessageHeader(Procedures.RemoteProgram, Procedures.Version, _streaming!.Value.Number, MessageType.Stream, _streamSerial, status), bytes.Span);

        // Who gives up must not leave half a message in the stream.
        await WriteAsync(message).WaitAsync(cancellationToken);
    }

    private async Task WriteAsync(byte[] message)
    {
        try
        {
            await _writing.WaitAsync(_lifetime.Token);
            try
            {
                await _stream.WriteAsync(message, _lifetime.Token);
                await _stream.FlushAsync(_lifetime.Token);
            }
            finally
            {
                _writing.Release();
            }
        }
        catch (Exception fault)
        {
            End(Lost(fault));
            throw (await Ended).ForCall(_streaming!.Value.Name, requestSent: true);
        }
    }

    private async ValueTask TakePacketAsync(Message packet)
    {
        var header = packet.Header;
        switch (header.Status)
        {
            case MessageStatus.Continue when packet.Payload.Length > 0:
                await _packets.Writer.WriteAsync(packet.Payload, _lifetime.Token);
                break;
            case MessageStatus.Continue or MessageStatus.Ok:
                _packets.Writer.TryComplete();
                break;
            default:
                XdrReader reader = new(packet.Payload.Span);
                _packets.Writer.TryComplete(new LibvirtException(_streaming!.Value.Name, RemoteError.Read(ref reader)));
                break;
        }
    }
}
