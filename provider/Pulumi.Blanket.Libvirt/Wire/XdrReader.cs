using System.Buffers.Binary;
using System.Text;
using Pulumi.Blanket.Libvirt.Errors;

namespace Pulumi.Blanket.Libvirt.Wire;

/// <summary>Reads values as XDR does (RFC 4506), within bounds: bytes that are not what they should be give <see cref="LibvirtFault.Protocol"/>.</summary>
internal ref struct XdrReader(ReadOnlySpan<byte> source)
{
    private ReadOnlySpan<byte> _rest = source;

    public readonly int Remaining => _rest.Length;

    public int ReadInt() => BinaryPrimitives.ReadInt32BigEndian(Take(4));

    public uint ReadUInt() => BinaryPrimitives.ReadUInt32BigEndian(Take(4));

    public long ReadHyper() => BinaryPrimitives.ReadInt64BigEndian(Take(8));

    public ulong ReadUHyper() => BinaryPrimitives.ReadUInt64BigEndian(Take(8));

    public double ReadDouble() => BitConverter.Int64BitsToDouble(ReadHyper());

    /// <summary>An <c>int</c> that libvirt uses as a truth value.</summary>
    public bool ReadBool() => ReadInt() != 0;

    /// <summary><c>remote_nonnull_string</c>.</summary>
    public string ReadString()
    {
        var bytes = ReadOpaque(WireLimits.MaxStringBytes);
        return bytes.Contains((byte)0) ? throw Malformed("a text holds a zero byte") : Encoding.UTF8.GetString(bytes);
    }

    /// <summary><c>remote_string</c>: a text or nothing.</summary>
    public string? ReadOptionalString() => ReadPresence() ? ReadString() : null;

    /// <summary>Whether a value that may be absent follows.</summary>
    public bool ReadPresence() => ReadInt() switch
    {
        0 => false,
        1 => true,
        var other => throw Malformed($"a value is said to be there with {other}, where 0 or 1 was due"),
    };

    /// <summary>Bytes of variable number.</summary>
    public ReadOnlySpan<byte> ReadOpaque(int limit)
    {
        var length = ReadUInt();
        if (length > limit)
        {
            throw Malformed($"{length} bytes are announced where {limit} is the limit");
        }

        var bytes = Take((int)length);
        Take(-(int)length & 3);
        return bytes;
    }

    /// <summary><c>remote_uuid</c>.</summary>
    public Guid ReadUuid() => new(Take(16), bigEndian: true);

    /// <summary>A C array of <c>char</c>, each of which rpcgen sends as a word of its own.</summary>
    public string ReadCharVector(int count)
    {
        Span<byte> bytes = stackalloc byte[count];
        for (var index = 0; index < count; index++)
        {
            bytes[index] = unchecked((byte)ReadInt());
        }

        var end = bytes.IndexOf((byte)0);
        return Encoding.UTF8.GetString(end < 0 ? bytes : bytes[..end]);
    }

    /// <summary>An array of variable length.</summary>
    public List<T> ReadList<T>(int limit, XdrDecoder<T> read)
    {
        var count = ReadUInt();
        if (count > limit)
        {
            throw Malformed($"a list of {count} items is announced where {limit} is the limit");
        }

        // No item is shorter than a word: an announced number takes no memory that the bytes don't back.
        List<T> items = new((int)Math.Min(count, (uint)(_rest.Length / 4)));
        for (var index = 0; index < count; index++)
        {
            items.Add(read(ref this));
        }

        return items;
    }

    private ReadOnlySpan<byte> Take(int count)
    {
        if (count > _rest.Length)
        {
            throw Malformed($"a message ends where {count} more bytes are due");
        }

        var taken = _rest[..count];
        _rest = _rest[count..];
        return taken;
    }

    public static LibvirtException Malformed(string what) => new(LibvirtFault.Protocol, $"what libvirt sent can't be read: {what}");
}
