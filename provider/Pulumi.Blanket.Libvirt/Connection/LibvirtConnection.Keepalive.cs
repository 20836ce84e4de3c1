using Pulumi.Blanket.Libvirt.Errors;
using Pulumi.Blanket.Libvirt.Wire;

namespace Pulumi.Blanket.Libvirt.Connection;

// libvirt's keepalive: messages of a program of its own, either way (src/rpc/virkeepaliveprotocol.x).
internal sealed partial class LibvirtConnection
{
    /// <summary><c>VIR_DRV_FEATURE_PROGRAM_KEEPALIVE</c> in <c>src/libvirt_internal.h</c>: asking for it lets libvirtd answer and send pings.</summary>
    private const int KeepaliveFeature = 10;

    private int _sendingKeepalive;

    private async Task KeepaliveLoopAsync()
    {
        var interval = _settings.KeepaliveInterval;
        var pings = 0;
        var lastArrival = _reader.LastArrival;
        try
        {
            using PeriodicTimer timer = new(interval);
            while (await timer.WaitForNextTickAsync(_lifetime.Token))
            {
                // Any bytes are a sign of life, also those of a long message that is still on its way.
                if (_reader.LastArrival != lastArrival)
                {
                    lastArrival = _reader.LastArrival;
                    pings = 0;
                    continue;
                }

                if (pings == _settings.KeepaliveCount)
                {
                    End(new LibvirtException(LibvirtFault.Unresponsive, $"libvirtd has been silent for {(pings + 1) * interval.TotalSeconds:0.#} s, through {pings} pings"));
                    return;
                }

                pings++;
                SendKeepalive(Procedures.KeepalivePing);
            }
        }
        catch (OperationCanceledException)
        {
            // The connection is over.
        }
    }

    // One at a time is enough, and a flood of pings takes no memory: a stream that is stuck shows by its silence.
    private void SendKeepalive(int procedure)
    {
        if (Interlocked.CompareExchange(ref _sendingKeepalive, 1, 0) == 0)
        {
            _ = SendKeepaliveAsync(procedure);
        }
    }

    private async Task SendKeepaliveAsync(int procedure)
    {
        try
        {
            var bytes = Message.ToBytes(new MessageHeader(Procedures.KeepaliveProgram, Procedures.Version, procedure, MessageType.Event, 0, MessageStatus.Ok), []);
            await _writing.WaitAsync(_lifetime.Token);
            try
            {
                await _stream.WriteAsync(bytes, _lifetime.Token);
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
        }
        finally
        {
            Volatile.Write(ref _sendingKeepalive, 0);
        }
    }
}
