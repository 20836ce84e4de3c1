using System.Buffers.Binary;

namespace Pulumi.Blanket.Agent.Images;

/// <summary>Bytes of an image that somebody else made. Nothing in them is taken for true: what lies outside of the file is a fault of the image, never one of the reader.</summary>
/// <param name="stream">Can be positioned.</param>
/// <param name="format">For messages.</param>
internal sealed class ImageBytes(Stream stream, string format)
{
    public long Length => stream.Length;

    /// <summary>So many bytes from there on.</summary>
    /// <exception cref="AgentException">The file ends before.</exception>
    public byte[] Read(long offset, int count)
    {
        Within(offset, count, "a part of its header");
        var bytes = new byte[count];
        stream.Position = offset;
        return stream.ReadAtLeast(bytes, count, throwOnEndOfStream: false) == count ? bytes : throw Damaged("it ends within its header");
    }

    /// <summary>As many bytes from there on as the file has, up to a limit.</summary>
    public byte[] ReadUpTo(long offset, int limit) => offset < 0 || offset >= Length ? [] : Read(offset, (int)Math.Min(limit, Length - offset));

    public static uint BigEndian32(byte[] bytes, int offset) => BinaryPrimitives.ReadUInt32BigEndian(bytes.AsSpan(offset));

    public static ulong BigEndian64(byte[] bytes, int offset) => BinaryPrimitives.ReadUInt64BigEndian(bytes.AsSpan(offset));

    /// <summary>A table that a header names lies in the file.</summary>
    /// <exception cref="AgentException">It does not.</exception>
    public void Within(ulong offset, ulong count, string what)
    {
        if (offset > (ulong)Length || count > (ulong)Length - offset)
        {
            throw Damaged($"{what} lies outside of the file");
        }
    }

    public void Within(long offset, long count, string what)
    {
        if (offset < 0 || count < 0)
        {
            throw Damaged($"{what} lies outside of the file");
        }

        Within((ulong)offset, (ulong)count, what);
    }

    /// <summary>The size of the disk, where it is one that a disk can have.</summary>
    public ImageShape Shape(ulong virtualSize)
        => virtualSize is > 0 and <= ImageHeader.LargestDisk
            ? new ImageShape((long)virtualSize)
            : throw Damaged($"its disk would have {virtualSize} bytes; a disk has 1 to {ImageHeader.LargestDisk}");

    public AgentException Damaged(string why)
        => new(AgentFault.NotPossible, $"the image can't be read as {format}: {why}; set its `format` right, or get a sound copy of it");

    public static AgentException DrawsOnOthers(string how)
        => new(AgentFault.NotPossible, $"the image draws on another file ({how}), which would be one of the host's; make one file of it with `qemu-img convert` first");

    public static AgentException Encrypted()
        => new(AgentFault.NotPossible, "the image is encrypted, and no key can be given here; decrypt it with `qemu-img convert` first");
}
