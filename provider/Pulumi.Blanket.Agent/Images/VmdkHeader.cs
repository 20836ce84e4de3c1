using System.Buffers.Binary;
using System.Globalization;
using System.Numerics;
using System.Text;

namespace Pulumi.Blanket.Agent.Images;

/// <summary>
/// The header of a VMDK image ("Virtual Disk Format 5.0" of VMware; block/vmdk.c of QEMU). Only a file that holds all of its disk is let through
/// (<c>monolithicSparse</c>, <c>streamOptimized</c>): all other kinds are a text that names files. Numbers are little-endian.
/// </summary>
internal static class VmdkHeader
{
    private const uint Magic = 0x4b444d56; // "KDMV"

    private const int HeaderBytes = 79;
    private const int SectorBytes = 512;

    /// <summary>QEMU looks for a parent here, whatever the header says of the descriptor's place (<c>vmdk_parent_open</c>).</summary>
    private const int DescriptorOffset = SectorBytes;
    private const int DescriptorBytes = 20 * SectorBytes;

    private const ulong DirectoryAtEnd = ulong.MaxValue;

    /// <summary>Marker, footer and end of the stream, a sector each.</summary>
    private const int FooterFromEnd = 2 * SectorBytes;

    private const uint Compressed = 1 << 16;
    private const uint KnownFlags = 1 << 0 | 1 << 1 | 1 << 2 | Compressed | 1 << 17;

    private const uint MostEntriesPerTable = 512;
    private const ulong MostGrainSectors = 1 << 14;
    private const ulong MostDirectoryEntries = 8 << 20;
    private const string NoParent = "ffffffff";

    public static ImageShape Read(ImageBytes bytes)
    {
        var header = bytes.Read(0, HeaderBytes);
        if (BinaryPrimitives.ReadUInt32BigEndian(header) != Magic)
        {
            throw Encoding.Latin1.GetString(bytes.ReadUpTo(0, SectorBytes)).Contains("Disk DescriptorFile", StringComparison.OrdinalIgnoreCase)
                ? ImageBytes.DrawsOnOthers("it is a descriptor, and its extents are elsewhere")
                : bytes.Damaged("it does not begin as one that holds its disk itself");
        }

        var fields = Fields.Of(header);
        Check(bytes, fields);
        if (fields.Directory == DirectoryAtEnd)
        {
            // The true directory's place is in a second header, at the end.
            if (bytes.Length % SectorBytes != 0)
            {
                throw bytes.Damaged("it is cut off");
            }

            var footer = bytes.Read(bytes.Length - FooterFromEnd, HeaderBytes);
            var last = Fields.Of(footer);
            if (BinaryPrimitives.ReadUInt32BigEndian(footer) != Magic || last with { Directory = fields.Directory } != fields || last.Directory == DirectoryAtEnd)
            {
                throw bytes.Damaged("its header and its footer differ");
            }

            Check(bytes, last);
            fields = last;
        }

        var covered = fields.EntriesPerTable * fields.GrainSectors;
        var entries = (fields.Capacity + covered - 1) / covered;
        if (entries > MostDirectoryEntries)
        {
            throw bytes.Damaged("its directory is too large");
        }

        bytes.Within(checked(fields.Directory * SectorBytes), entries * 4, "its directory");
        CheckDescriptor(bytes);
        return bytes.Shape(fields.Capacity * SectorBytes);
    }

    private static void Check(ImageBytes bytes, Fields fields)
    {
        if (fields.Version is < 1 or > 3)
        {
            throw bytes.Damaged($"it has version {fields.Version}, and only 1 to 3 are known");
        }

        if ((fields.Flags & ~KnownFlags) != 0 || fields.Compression != ((fields.Flags & Compressed) != 0 ? 1 : 0))
        {
            throw bytes.Damaged("it has features that are not known here");
        }

        // With a capacity of 0 QEMU takes the extents that the descriptor names.
        if (fields.Capacity is 0 or > (ulong)ImageHeader.LargestDisk / SectorBytes || fields.DescriptorSector != DescriptorOffset / SectorBytes)
        {
            throw ImageBytes.DrawsOnOthers("it is no disk by itself, or one part of several");
        }

        if (fields.EntriesPerTable is 0 or > MostEntriesPerTable || fields.GrainSectors is 0 or > MostGrainSectors || !BitOperations.IsPow2(fields.GrainSectors))
        {
            throw bytes.Damaged("its tables have no size that is possible");
        }

        if (fields.Directory != DirectoryAtEnd && fields.Directory > (ulong)bytes.Length / SectorBytes)
        {
            throw bytes.Damaged("its directory lies outside of the file");
        }
    }

    private static void CheckDescriptor(ImageBytes bytes)
    {
        var text = Encoding.Latin1.GetString(bytes.ReadUpTo(DescriptorOffset, DescriptorBytes));
        if (text.Contains("parentFileNameHint", StringComparison.OrdinalIgnoreCase))
        {
            throw ImageBytes.DrawsOnOthers("a parent");
        }

        string? kind = null;
        var extents = 0;
        foreach (var line in text.Split('\0')[0].Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            if (Value(line, "parentCID") is { } parent && !parent.Equals(NoParent, StringComparison.OrdinalIgnoreCase))
            {
                throw ImageBytes.DrawsOnOthers("a parent");
            }

            kind ??= Value(line, "createType");
            var words = line.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
            if (words[0] is "RW" or "RDONLY" or "NOACCESS")
            {
                extents++;
                if (words.Length < 4 || words[2] != "SPARSE" || !long.TryParse(words[1], NumberStyles.None, CultureInfo.InvariantCulture, out _))
                {
                    throw ImageBytes.DrawsOnOthers("its extents are elsewhere");
                }
            }
        }

        if (kind is not ("monolithicSparse" or "streamOptimized") || extents != 1)
        {
            throw ImageBytes.DrawsOnOthers($"its kind is '{Shown(kind)}' with {extents} extents; only monolithicSparse and streamOptimized with one are a single file");
        }
    }

    private static string? Value(string line, string name)
        => line.Split('=', 2) is [var key, var value] && key.Trim().Equals(name, StringComparison.OrdinalIgnoreCase) ? value.Trim().Trim('"') : null;

    /// <summary>Words of somebody else, fit for a message.</summary>
    private static string Shown(string? text) => text is null ? "" : new string([.. text.Where(char.IsAsciiLetterOrDigit).Take(40)]);

    private sealed record Fields(uint Version, uint Flags, ulong Capacity, ulong GrainSectors, ulong DescriptorSector, uint EntriesPerTable, ulong Directory, ushort Compression)
    {
        public static Fields Of(ReadOnlySpan<byte> header) => new(
            BinaryPrimitives.ReadUInt32LittleEndian(header[4..]),
            BinaryPrimitives.ReadUInt32LittleEndian(header[8..]),
            BinaryPrimitives.ReadUInt64LittleEndian(header[12..]),
            BinaryPrimitives.ReadUInt64LittleEndian(header[20..]),
            BinaryPrimitives.ReadUInt64LittleEndian(header[28..]),
            BinaryPrimitives.ReadUInt32LittleEndian(header[44..]),
            BinaryPrimitives.ReadUInt64LittleEndian(header[56..]),
            BinaryPrimitives.ReadUInt16LittleEndian(header[77..]));
    }
}
