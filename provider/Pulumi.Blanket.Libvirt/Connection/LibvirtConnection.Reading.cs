using Pulumi.Blanket.Libvirt.Errors;
using Pulumi.Blanket.Libvirt.Events;
using Pulumi.Blanket.Libvirt.Wire;

namespace Pulumi.Blanket.Libvirt.Connection;

internal sealed partial class LibvirtConnection
{
    private async Task ReadLoopAsync()
    {
        try
        {
            while (await _reader.ReadAsync(_lifetime.Token) is { } message)
            {
                try
                {
                    await DispatchAsync(message);
                }
                catch (Exception fault) when (fault is not LibvirtException)
                {
                    throw new LibvirtException(LibvirtFault.Protocol, $"what libvirt sent can't be read: {fault.Message}", fault);
                }
            }

            End(new LibvirtException(LibvirtFault.ConnectionLost, "libvirtd closed the connection"));
        }
        catch (LibvirtException fault)
        {
            End(fault);
        }
        catch (Exception fault)
        {
            // Whatever it is: a read loop that ends without a word would leave callers waiting.
            End(Lost(fault));
        }
    }

    private ValueTask DispatchAsync(Message message)
    {
        var header = message.Header;
        if (header.Version != Procedures.Version)
        {
            throw XdrReader.Malformed($"a message has version {header.Version}");
        }

        switch (header)
        {
            case { Program: Procedures.KeepaliveProgram, Type: MessageType.Event }:
                if (header.Procedure == Procedures.KeepalivePing)
                {
                    SendKeepalive(Procedures.KeepalivePong);
                }

                break;
            case { Program: Procedures.RemoteProgram or Procedures.QemuProgram, Type: MessageType.Reply }:
                Answer(message);
                break;
            case { Program: Procedures.RemoteProgram, Type: MessageType.Event }:
                if (DomainEvent.TryRead(message) is { } received)
                {
                    _received(received);
                }

                break;
            case { Program: Procedures.QemuProgram, Type: MessageType.Event }:
                break;
            case { Program: Procedures.RemoteProgram, Type: MessageType.Stream } when header.Procedure == _streaming?.Number && header.Serial == _streamSerial:
                return TakePacketAsync(message);
            default:
                throw XdrReader.Malformed($"a message of program 0x{header.Program:x8} has type {header.Type}");
        }

        return ValueTask.CompletedTask;
    }

    private void Answer(Message message)
    {
        var header = message.Header;
        PendingCall? call;
        lock (_gate)
        {
            _pending.TryGetValue(header.Serial, out call);
        }

        if (call is null || !call.WasSent)
        {
            throw XdrReader.Malformed($"a reply has serial {header.Serial}, which no call has");
        }

        if (header.Program != call.Procedure.Program || header.Procedure != call.Procedure.Number || header.Status is not (MessageStatus.Ok or MessageStatus.Error))
        {
            throw XdrReader.Malformed($"the reply to {call.Procedure} is one of procedure {header.Procedure} with status {header.Status}");
        }

        // An unreadable reply ends the connection, and this call with it: so it is taken off the list only after it was read.
        call.Complete(message);
        Release(call);
    }
}
