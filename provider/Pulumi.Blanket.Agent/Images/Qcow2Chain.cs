using System.Buffers.Binary;
using System.Text;

namespace Pulumi.Blanket.Agent.Images;

/// <summary>What a VM's disk draws on, by its own header (docs/interop/qcow2.txt of QEMU): its image and nothing else, wherever the disk comes from.</summary>
internal static class Qcow2Chain
{
    private const int HeaderBytes = 80;
    private const uint Magic = 0x514649fb;
    private const int LongestName = 1023;

    /// <summary>Incompatible feature: the data are in another file.</summary>
    private const ulong ExternalData = 4;

    /// <param name="backing">Path of the only file that it may lie over; empty: none.</param>
    /// <exception cref="AgentException">It is no qcow2, or it names another file.</exception>
    public static void Check(string path, string backing)
    {
        using var file = File.OpenHandle(path);
        Span<byte> header = stackalloc byte[HeaderBytes];
        if (RandomAccess.Read(file, header, 0) < HeaderBytes || BinaryPrimitives.ReadUInt32BigEndian(header) != Magic || BinaryPrimitives.ReadUInt32BigEndian(header[4..]) is not (2 or 3))
        {
            throw new AgentException(AgentFault.BadRequest, $"{path} came and is no qcow2 disk");
        }

        var isDataElsewhere = BinaryPrimitives.ReadUInt32BigEndian(header[4..]) == 3 && (BinaryPrimitives.ReadUInt64BigEndian(header[72..]) & ExternalData) != 0;
        if (isDataElsewhere || BinaryPrimitives.ReadUInt32BigEndian(header[32..]) != 0)
        {
            throw new AgentException(AgentFault.BadRequest, $"{path} came with its data in another file, or encrypted, which no disk of ours is");
        }

        var (offset, length) = (BinaryPrimitives.ReadUInt64BigEndian(header[8..]), BinaryPrimitives.ReadUInt32BigEndian(header[16..]));
        if (offset == 0)
        {
            return;
        }

        var name = new byte[Math.Min(length, LongestName + 1)];
        if (length > LongestName || offset > long.MaxValue || RandomAccess.Read(file, name, (long)offset) != name.Length || Encoding.UTF8.GetString(name) != backing)
        {
            throw new AgentException(AgentFault.BadRequest, $"{path} came and lies over another file than the VM's image");
        }
    }
}
