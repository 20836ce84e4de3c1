using System.Buffers.Binary;

namespace Pulumi.Blanket.Libvirt.Wire;

/// <summary>One message: header and payload.</summary>
internal readonly record struct Message(MessageHeader Header, ReadOnlyMemory<byte> Payload)
{
    /// <summary>The bytes of a message, its length word first.</summary>
    /// <exception cref="ArgumentException">The message is larger than the protocol allows.</exception>
    public static byte[] ToBytes(MessageHeader header, ReadOnlySpan<byte> payload)
    {
        var length = WireLimits.LengthBytes + WireLimits.HeaderBytes + payload.Length;
        if (length > WireLimits.MaxMessageBytes)
        {
            throw new ArgumentException($"the request has {length} bytes; libvirt takes no more than {WireLimits.MaxMessageBytes}", nameof(payload));
        }

        var bytes = new byte[length];
        BinaryPrimitives.WriteInt32BigEndian(bytes, length);
        header.Write(bytes.AsSpan(WireLimits.LengthBytes));
        payload.CopyTo(bytes.AsSpan(WireLimits.LengthBytes + WireLimits.HeaderBytes));
        return bytes;
    }
}
