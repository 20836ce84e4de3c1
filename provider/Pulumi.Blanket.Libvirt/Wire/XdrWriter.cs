using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace Pulumi.Blanket.Libvirt.Wire;

/// <summary>Writes values as XDR does (RFC 4506): big-endian words, all that is shorter padded to four bytes.</summary>
internal sealed class XdrWriter
{
    private readonly ArrayBufferWriter<byte> _buffer = new(256);

    public ReadOnlySpan<byte> Written => _buffer.WrittenSpan;

    public XdrWriter Int(int value)
    {
        BinaryPrimitives.WriteInt32BigEndian(_buffer.GetSpan(4), value);
        _buffer.Advance(4);
        return this;
    }

    public XdrWriter UInt(uint value) => Int(unchecked((int)value));

    public XdrWriter Hyper(long value)
    {
        BinaryPrimitives.WriteInt64BigEndian(_buffer.GetSpan(8), value);
        _buffer.Advance(8);
        return this;
    }

    public XdrWriter UHyper(ulong value) => Hyper(unchecked((long)value));

    public XdrWriter Double(double value) => Hyper(BitConverter.DoubleToInt64Bits(value));

    public XdrWriter Bool(bool value) => Int(value ? 1 : 0);

    /// <summary><c>remote_nonnull_string</c>.</summary>
    /// <exception cref="ArgumentException">The text is too long, or holds a zero character: libvirt would take it for the text's end.</exception>
    public XdrWriter String(string value)
    {
        if (value.Contains('\0'))
        {
            throw new ArgumentException("a text for libvirt holds a zero character", nameof(value));
        }

        var length = Encoding.UTF8.GetByteCount(value);
        if (length > WireLimits.MaxStringBytes)
        {
            throw new ArgumentException($"a text for libvirt has {length} bytes; it takes no more than {WireLimits.MaxStringBytes}", nameof(value));
        }

        Int(length);
        Encoding.UTF8.GetBytes(value, _buffer.GetSpan(length));
        _buffer.Advance(length);
        return Pad(length);
    }

    /// <summary><c>remote_string</c>: a text or nothing.</summary>
    public XdrWriter OptionalString(string? value) => value is null ? Bool(false) : Bool(true).String(value);

    /// <summary>Bytes of variable number.</summary>
    public XdrWriter Opaque(ReadOnlySpan<byte> value)
    {
        Int(value.Length);
        _buffer.Write(value);
        return Pad(value.Length);
    }

    /// <summary><c>remote_uuid</c>: 16 bytes, in the order in which the UUID is written.</summary>
    public XdrWriter Uuid(Guid value)
    {
        value.TryWriteBytes(_buffer.GetSpan(16), bigEndian: true, out _);
        _buffer.Advance(16);
        return this;
    }

    /// <summary>An array of variable length.</summary>
    /// <exception cref="ArgumentException">There are more items than the protocol allows.</exception>
    public XdrWriter List<T>(IReadOnlyCollection<T> items, int limit, Action<XdrWriter, T> write)
    {
        if (items.Count > limit)
        {
            throw new ArgumentException($"a request has a list of {items.Count} items; libvirt takes no more than {limit}", nameof(items));
        }

        Int(items.Count);
        foreach (var item in items)
        {
            write(this, item);
        }

        return this;
    }

    private XdrWriter Pad(int length)
    {
        var padding = -length & 3;
        _buffer.GetSpan(4)[..padding].Clear();
        _buffer.Advance(padding);
        return this;
    }
}
