namespace Pulumi.Blanket.Libvirt.Wire;

/// <summary>Kinds of message (<c>enum virNetMessageType</c> in <c>src/rpc/virnetprotocol.x</c>).</summary>
internal enum MessageType
{
    Call = 0,
    Reply = 1,

    /// <summary>Unasked, either way: events and keepalive.</summary>
    Event = 2,

    Stream = 3,
    CallWithDescriptors = 4,
    ReplyWithDescriptors = 5,
    StreamHole = 6,
}
