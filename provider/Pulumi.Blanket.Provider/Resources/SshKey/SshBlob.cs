using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace Pulumi.Blanket.Provider.Resources.SshKey;

/// <summary>Bytes in SSH's data types (RFC 4251, section 5).</summary>
internal sealed class SshBlob
{
    private readonly ArrayBufferWriter<byte> _bytes = new();

    public int Length => _bytes.WrittenCount;

    public byte[] ToArray() => _bytes.WrittenSpan.ToArray();

    public SshBlob Raw(ReadOnlySpan<byte> bytes)
    {
        _bytes.Write(bytes);
        return this;
    }

    public SshBlob Number(int number)
    {
        BinaryPrimitives.WriteInt32BigEndian(_bytes.GetSpan(4), number);
        _bytes.Advance(4);
        return this;
    }

    public SshBlob Bytes(ReadOnlySpan<byte> bytes) => Number(bytes.Length).Raw(bytes);

    public SshBlob Text(string text) => Bytes(Encoding.UTF8.GetBytes(text));

    /// <param name="bigEndian">Without a sign.</param>
    public SshBlob Integer(ReadOnlySpan<byte> bigEndian)
    {
        var digits = bigEndian.TrimStart((byte)0);
        // The format has a sign: a first bit that is set would make the number negative.
        return digits.Length > 0 && digits[0] >= 0x80 ? Bytes([0, .. digits]) : Bytes(digits);
    }
}
