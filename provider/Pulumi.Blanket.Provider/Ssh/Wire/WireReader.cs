using System.Buffers.Binary;
using System.Text;

namespace Pulumi.Blanket.Provider.Ssh.Wire;

/// <summary>Reads SSH's data types: big-endian numbers, and strings with their length before them (RFC 4251, section 5).</summary>
internal ref struct WireReader(ReadOnlySpan<byte> data)
{
    private ReadOnlySpan<byte> _rest = data;

    public readonly bool IsAtEnd => _rest.IsEmpty;

    public uint ReadUInt32() => BinaryPrimitives.ReadUInt32BigEndian(Take(4));

    public ReadOnlySpan<byte> ReadBytes()
    {
        var length = ReadUInt32();
        return length > _rest.Length ? throw TooShort() : Take((int)length);
    }

    public string ReadText() => Encoding.UTF8.GetString(ReadBytes());

    private ReadOnlySpan<byte> Take(int count)
    {
        if (count > _rest.Length)
        {
            throw TooShort();
        }

        var taken = _rest[..count];
        _rest = _rest[count..];
        return taken;
    }

    private static InvalidDataException TooShort() => new("it sent a message that ends too early");
}
