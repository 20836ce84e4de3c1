namespace Pulumi.Blanket.Agent.Images;

/// <summary>The header of a qcow2 image (docs/interop/qcow2.txt of QEMU). Numbers are big-endian.</summary>
internal static class Qcow2Header
{
    public const uint Magic = 0x514649fb;

    private const int Version2Bytes = 72;
    private const int Version3Bytes = 104;

    // QEMU's own limits (block/qcow2.h).
    private const int LeastClusterBits = 9;
    private const int MostClusterBits = 21;
    private const ulong MostL1Bytes = 32 << 20;
    private const ulong MostRefcountTableBytes = 8 << 20;
    private const int MostRefcountOrder = 6;
    private const int MostSnapshots = 1024;

    private const ulong Dirty = 1 << 0;
    private const ulong Corrupt = 1 << 1;
    private const ulong ExternalData = 1 << 2;
    private const ulong Compression = 1 << 3;
    private const ulong ExtendedL2 = 1 << 4;

    private const uint EndOfExtensions = 0;
    private const uint BackingFormat = 0xe2792aca;
    private const uint FeatureNames = 0x6803f857;
    private const uint Bitmaps = 0x23852875;
    private const uint Encryption = 0x0537be77;
    private const uint ExternalDataName = 0x44415441;

    public static ImageShape Read(ImageBytes bytes)
    {
        var header = bytes.Read(0, Version2Bytes);
        if (ImageBytes.BigEndian32(header, 0) != Magic)
        {
            throw bytes.Damaged("it does not begin as one");
        }

        var version = ImageBytes.BigEndian32(header, 4);
        if (version is not (2 or 3))
        {
            throw bytes.Damaged($"it has version {version}, and only 2 and 3 are known");
        }

        if (ImageBytes.BigEndian64(header, 8) != 0 || ImageBytes.BigEndian32(header, 16) != 0)
        {
            throw ImageBytes.DrawsOnOthers("a backing file");
        }

        if (ImageBytes.BigEndian32(header, 32) != 0)
        {
            throw ImageBytes.Encrypted();
        }

        var clusterBits = ImageBytes.BigEndian32(header, 20);
        if (clusterBits is < LeastClusterBits or > MostClusterBits)
        {
            throw bytes.Damaged($"its clusters have 2^{clusterBits} bytes");
        }

        var headerBytes = Version2Bytes;
        var l2EntryBytes = 8UL;
        if (version == 3)
        {
            header = bytes.Read(0, Version3Bytes);
            (headerBytes, l2EntryBytes) = ReadFeatures(bytes, header, 1 << (int)clusterBits);
        }

        var shape = bytes.Shape(ImageBytes.BigEndian64(header, 24));
        CheckTables(bytes, header, (int)clusterBits, l2EntryBytes, (ulong)shape.VirtualSizeBytes);
        CheckExtensions(bytes, headerBytes, 1 << (int)clusterBits);
        return shape;
    }

    private static (int HeaderBytes, ulong L2EntryBytes) ReadFeatures(ImageBytes bytes, byte[] header, int clusterBytes)
    {
        var features = ImageBytes.BigEndian64(header, 72);
        if ((features & ExternalData) != 0)
        {
            throw ImageBytes.DrawsOnOthers("a data file");
        }

        if ((features & Corrupt) != 0)
        {
            throw bytes.Damaged("it is marked as corrupt");
        }

        if ((features & ~(Dirty | Compression | ExtendedL2)) != 0)
        {
            throw bytes.Damaged($"it has features that are not known here (0x{features:x})");
        }

        if (ImageBytes.BigEndian32(header, 96) > MostRefcountOrder)
        {
            throw bytes.Damaged("its reference counts are too wide");
        }

        var length = ImageBytes.BigEndian32(header, 100);
        return length >= Version3Bytes && length <= clusterBytes && length % 8 == 0
            ? ((int)length, (features & ExtendedL2) != 0 ? 16UL : 8UL)
            : throw bytes.Damaged($"its header has {length} bytes");
    }

    private static void CheckTables(ImageBytes bytes, byte[] header, int clusterBits, ulong l2EntryBytes, ulong size)
    {
        var clusterBytes = 1UL << clusterBits;
        var l1Entries = (ulong)ImageBytes.BigEndian32(header, 36);
        var covered = clusterBytes / l2EntryBytes << clusterBits;
        if (l1Entries * 8 > MostL1Bytes || l1Entries < (size + covered - 1) / covered)
        {
            throw bytes.Damaged($"its first table has {l1Entries} entries for a disk of {size} bytes");
        }

        CheckTable(bytes, ImageBytes.BigEndian64(header, 40), l1Entries * 8, clusterBytes, "its first table");
        var refcountBytes = (ulong)ImageBytes.BigEndian32(header, 56) << clusterBits;
        if (refcountBytes > MostRefcountTableBytes)
        {
            throw bytes.Damaged("its table of reference counts is too large");
        }

        CheckTable(bytes, ImageBytes.BigEndian64(header, 48), refcountBytes, clusterBytes, "its table of reference counts");
        var snapshots = ImageBytes.BigEndian32(header, 60);
        if (snapshots > MostSnapshots)
        {
            throw bytes.Damaged($"it has {snapshots} snapshots");
        }

        // A snapshot's entry has at least 40 bytes.
        CheckTable(bytes, snapshots == 0 ? 0 : ImageBytes.BigEndian64(header, 64), snapshots * 40UL, clusterBytes, "its table of snapshots");
    }

    private static void CheckTable(ImageBytes bytes, ulong offset, ulong count, ulong clusterBytes, string what)
    {
        if (offset % clusterBytes != 0)
        {
            throw bytes.Damaged($"{what} does not begin with a cluster");
        }

        bytes.Within(offset, count, what);
    }

    /// <summary>They lie between the header and the end of the first cluster. None that is not known is let through, although the format says that it could be ignored.</summary>
    private static void CheckExtensions(ImageBytes bytes, int headerBytes, int clusterBytes)
    {
        var first = bytes.ReadUpTo(0, clusterBytes);
        long at = headerBytes;
        while (at + 8 <= first.Length)
        {
            var (kind, length) = (ImageBytes.BigEndian32(first, (int)at), ImageBytes.BigEndian32(first, (int)at + 4));
            switch (kind)
            {
                case EndOfExtensions:
                    return;
                case BackingFormat:
                    throw ImageBytes.DrawsOnOthers("a backing file");
                case ExternalDataName:
                    throw ImageBytes.DrawsOnOthers("a data file");
                case Encryption:
                    throw ImageBytes.Encrypted();
                case FeatureNames or Bitmaps:
                    break;
                default:
                    throw bytes.Damaged($"it has an extension that is not known here (0x{kind:x8})");
            }

            at += 8 + ((length + 7L) & ~7L);
            if (at > first.Length)
            {
                throw bytes.Damaged("one of its extensions has no end");
            }
        }
    }
}
