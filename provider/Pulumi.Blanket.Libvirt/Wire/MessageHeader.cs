using System.Buffers.Binary;

namespace Pulumi.Blanket.Libvirt.Wire;

/// <summary>What stands before the payload of each message (<c>struct virNetMessageHeader</c> in <c>src/rpc/virnetprotocol.x</c>): six big-endian words.</summary>
internal readonly record struct MessageHeader(uint Program, uint Version, int Procedure, MessageType Type, uint Serial, MessageStatus Status)
{
    public void Write(Span<byte> target)
    {
        BinaryPrimitives.WriteUInt32BigEndian(target, Program);
        BinaryPrimitives.WriteUInt32BigEndian(target[4..], Version);
        BinaryPrimitives.WriteInt32BigEndian(target[8..], Procedure);
        BinaryPrimitives.WriteInt32BigEndian(target[12..], (int)Type);
        BinaryPrimitives.WriteUInt32BigEndian(target[16..], Serial);
        BinaryPrimitives.WriteInt32BigEndian(target[20..], (int)Status);
    }

    public static MessageHeader Read(ReadOnlySpan<byte> source) => new(
        BinaryPrimitives.ReadUInt32BigEndian(source),
        BinaryPrimitives.ReadUInt32BigEndian(source[4..]),
        BinaryPrimitives.ReadInt32BigEndian(source[8..]),
        (MessageType)BinaryPrimitives.ReadInt32BigEndian(source[12..]),
        BinaryPrimitives.ReadUInt32BigEndian(source[16..]),
        (MessageStatus)BinaryPrimitives.ReadInt32BigEndian(source[20..]));
}
