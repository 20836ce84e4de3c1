using Pulumi.Blanket.Libvirt.Domains;
using Pulumi.Blanket.Libvirt.Events;
using Pulumi.Blanket.Libvirt.Wire;

namespace Pulumi.Blanket.Libvirt.Tests.Support;

/// <summary>A call that a fake server got.</summary>
internal sealed record FakeCall(Stream Stream, Message Message)
{
    public int Procedure => Message.Header.Procedure;

    public byte[] Reply(Action<XdrWriter> payload)
    {
        XdrWriter writer = new();
        payload(writer);
        return Libvirt.Wire.Message.ToBytes(Message.Header with { Type = MessageType.Reply }, writer.Written);
    }

    public ValueTask ReplyAsync(Action<XdrWriter> payload) => Stream.WriteAsync(Reply(payload));

    public ValueTask RefuseAsync(int code, int domain, string? message)
    {
        XdrWriter writer = new();
        writer.Int(code).Int(domain).OptionalString(message).Int(2).Bool(false).OptionalString(null).OptionalString(null).OptionalString(null).Int(0).Int(0).Bool(false);
        return Stream.WriteAsync(Libvirt.Wire.Message.ToBytes(Message.Header with { Type = MessageType.Reply, Status = MessageStatus.Error }, writer.Written));
    }

    public static byte[] Lifecycle(DomainReference domain, DomainLifecycle lifecycle)
    {
        XdrWriter writer = new();
        writer.Int(1);
        DomainReference.Write(writer, domain);
        writer.Int((int)lifecycle).Int(0);
        return Libvirt.Wire.Message.ToBytes(new MessageHeader(Procedures.RemoteProgram, Procedures.Version, 318, MessageType.Event, 0, MessageStatus.Ok), writer.Written);
    }
}
