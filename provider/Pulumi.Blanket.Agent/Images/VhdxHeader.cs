using System.Buffers.Binary;

namespace Pulumi.Blanket.Agent.Images;

/// <summary>The regions and metadata of a VHDX image (MS-VHDX). A differencing one has a parent, and is refused. Numbers are little-endian.</summary>
internal static class VhdxHeader
{
    private const int RegionTableOffset = 192 << 10;
    private const int RegionTableBytes = 64 << 10;
    private const int RegionHeaderBytes = 16;
    private const int EntryBytes = 32;
    private const int MostRegions = 2047;
    private const int MetadataHeaderBytes = 32;
    private const int MetadataTableBytes = 64 << 10;
    private const int MostItems = 2047;
    private const uint MostRegionBytes = 1u << 30;
    private const uint Required = 1 << 2;
    private const uint HasParent = 1 << 1;

    private static readonly Guid MetadataRegion = new("8b7ca206-4790-4b9a-b8fe-575f050f886e");
    private static readonly Guid BlockTableRegion = new("2dc27766-f623-4200-9d64-115e9bfd4a08");
    private static readonly Guid FileParameters = new("caa16737-fa36-4d43-b3b6-33f0aa44e76b");
    private static readonly Guid VirtualDiskSize = new("2fa54224-cd1b-4876-b211-5dbed83bf4b8");
    private static readonly Guid VirtualDiskId = new("beca12ab-b2e6-4523-93ef-c309e000c746");
    private static readonly Guid LogicalSectorSize = new("8141bf1d-a96f-4709-ba47-f233a8faab5f");
    private static readonly Guid PhysicalSectorSize = new("cda348c7-445d-4471-9cc9-e9885251c556");
    private static readonly Guid ParentLocator = new("a8d35f2d-b30b-454d-abf7-d3d84834ab0c");

    public static ImageShape Read(ImageBytes bytes)
    {
        if (!bytes.Read(0, 8).AsSpan().SequenceEqual("vhdxfile"u8))
        {
            throw bytes.Damaged("it does not begin as one");
        }

        var (offset, length) = FindMetadata(bytes);
        bytes.Within(offset, length, "its metadata");
        var table = bytes.Read((long)offset, MetadataTableBytes);
        int items = BinaryPrimitives.ReadUInt16LittleEndian(table.AsSpan(10));
        if (!table.AsSpan(0, 8).SequenceEqual("metadata"u8) || items > MostItems || length < MetadataTableBytes)
        {
            throw bytes.Damaged("its metadata are none");
        }

        ulong? size = null;
        var hasParameters = false;
        for (var item = 0; item < items; item++)
        {
            var entry = table.AsSpan(MetadataHeaderBytes + (item * EntryBytes), EntryBytes);
            Guid kind = new(entry[..16]);
            var at = BinaryPrimitives.ReadUInt32LittleEndian(entry[16..]);
            var flags = BinaryPrimitives.ReadUInt32LittleEndian(entry[24..]);
            if (kind == ParentLocator)
            {
                throw ImageBytes.DrawsOnOthers("a parent");
            }
            else if (kind == FileParameters || kind == VirtualDiskSize)
            {
                if (at > length - 8 || at < MetadataTableBytes)
                {
                    throw bytes.Damaged("one of its metadata lies outside of them");
                }

                var value = bytes.Read((long)offset + at, 8);
                if (kind == VirtualDiskSize)
                {
                    // With a second one it would be anybody's guess which counts.
                    size = size is null ? BinaryPrimitives.ReadUInt64LittleEndian(value) : throw bytes.Damaged("it has two sizes");
                }
                else
                {
                    hasParameters = true;
                    if ((BinaryPrimitives.ReadUInt32LittleEndian(value.AsSpan(4)) & HasParent) != 0)
                    {
                        throw ImageBytes.DrawsOnOthers("a parent");
                    }
                }
            }
            else if (kind != VirtualDiskId && kind != LogicalSectorSize && kind != PhysicalSectorSize && (flags & Required) != 0)
            {
                throw bytes.Damaged($"it needs something that is not known here ({kind})");
            }
        }

        return hasParameters && size is { } found ? bytes.Shape(found) : throw bytes.Damaged("its metadata don't tell how large it is");
    }

    private static (ulong Offset, uint Length) FindMetadata(ImageBytes bytes)
    {
        var table = bytes.Read(RegionTableOffset, RegionTableBytes);
        var regions = BinaryPrimitives.ReadUInt32LittleEndian(table.AsSpan(8));
        if (!table.AsSpan(0, 4).SequenceEqual("regi"u8) || regions > MostRegions)
        {
            throw bytes.Damaged("it has no table of regions");
        }

        (ulong, uint)? found = null;
        for (var region = 0; region < regions; region++)
        {
            var entry = table.AsSpan(RegionHeaderBytes + (region * EntryBytes), EntryBytes);
            Guid kind = new(entry[..16]);
            var offset = BinaryPrimitives.ReadUInt64LittleEndian(entry[16..]);
            var length = BinaryPrimitives.ReadUInt32LittleEndian(entry[24..]);
            bytes.Within(offset, length, "one of its regions");
            if (length > MostRegionBytes || (kind != BlockTableRegion && kind != MetadataRegion))
            {
                throw bytes.Damaged("it has a region that is not known here, or too large");
            }

            if (kind == MetadataRegion)
            {
                found = found is null ? (offset, length) : throw bytes.Damaged("it has metadata twice");
            }
        }

        return found ?? throw bytes.Damaged("it has no metadata");
    }
}
