using System.Buffers.Binary;
using System.Text;

namespace Pulumi.Blanket.Agent.Machines;

/// <summary>
/// Writes a small ISO 9660 image (ECMA-119) with Joliet names: a few files in one folder, as a NoCloud seed is. Everything of it lies in
/// whole sectors, in this order: 16 empty ones, three descriptors, four path tables, two folders, the files.
/// </summary>
internal static class Iso9660
{
    private const int Sector = 2048;
    private const int FirstDescriptor = 16;
    private const int FirstPathTable = 19;
    private const int PlainFolder = 23;
    private const int JolietFolder = 24;
    private const int FirstFile = 25;
    private const int PathTableBytes = 10;

    /// <summary>
    /// At the end, as other writers do it: who looks for a volume by its label reads at places where other file systems have their marks (64 KiB and beyond), and some
    /// (busybox) give a device up that has no such place.
    /// </summary>
    private const int Padding = 150;

    /// <param name="label">At most 16 characters.</param>
    /// <param name="files">At most ten, with names of at most 32 characters.</param>
    public static byte[] Write(string label, IReadOnlyList<(string Name, byte[] Content)> files, DateTimeOffset time)
    {
        List<(string Name, int Start, int Length)> places = [];
        var next = FirstFile;
        foreach (var (name, content) in files)
        {
            places.Add((name, next, content.Length));
            next += Math.Max(1, (content.Length + Sector - 1) / Sector);
        }

        next += Padding;
        var image = new byte[next * Sector];
        WriteDescriptor(At(image, FirstDescriptor), 1, label, joliet: false, next, time);
        WriteDescriptor(At(image, FirstDescriptor + 1), 2, label, joliet: true, next, time);
        var end = At(image, FirstDescriptor + 2);
        end[0] = 255;
        "CD001"u8.CopyTo(end[1..]);
        end[6] = 1;
        for (var table = 0; table < 4; table++)
        {
            WritePathTable(At(image, FirstPathTable + table), table < 2 ? PlainFolder : JolietFolder, bigEndian: table % 2 == 1);
        }

        WriteFolder(At(image, PlainFolder), PlainFolder, places, PlainName, time);
        WriteFolder(At(image, JolietFolder), JolietFolder, places, static (name, _) => Encoding.BigEndianUnicode.GetBytes(name), time);
        foreach (var ((_, content), (_, start, _)) in files.Zip(places))
        {
            content.CopyTo(image.AsSpan(start * Sector));
        }

        return image;
    }

    private static Span<byte> At(byte[] image, int sector) => image.AsSpan(sector * Sector, Sector);

    // What systems without Joliet see: eight characters at most, all different.
    private static byte[] PlainName(string name, int index)
        => Encoding.ASCII.GetBytes($"{string.Concat(name.ToUpperInvariant().Where(char.IsAsciiLetterOrDigit).Take(7))}{index}.;1");

    private static void WriteDescriptor(Span<byte> to, byte type, string label, bool joliet, int sectors, DateTimeOffset time)
    {
        to[0] = type;
        "CD001"u8.CopyTo(to[1..]);
        to[6] = 1;
        WriteText(to[8..40], "", joliet);
        WriteText(to[40..72], label, joliet);
        WriteBoth(to[80..], sectors);
        if (joliet)
        {
            "%/E"u8.CopyTo(to[88..]); // names in UCS-2, level 3
        }

        WriteBoth16(to[120..], 1);
        WriteBoth16(to[124..], 1);
        WriteBoth16(to[128..], Sector);
        WriteBoth(to[132..], PathTableBytes);
        var table = FirstPathTable + (joliet ? 2 : 0);
        BinaryPrimitives.WriteInt32LittleEndian(to[140..], table);
        BinaryPrimitives.WriteInt32BigEndian(to[148..], table + 1);
        WriteRecord(to[156..], joliet ? JolietFolder : PlainFolder, Sector, isFolder: true, [0], time);
        foreach (var (from, until) in new[] { (190, 318), (318, 446), (446, 574), (574, 702), (702, 739), (739, 776), (776, 813) })
        {
            WriteText(to[from..until], "", joliet);
        }

        for (var field = 0; field < 4; field++)
        {
            // Made and changed now; the two others say that nothing is said.
            var text = field < 2 ? time.UtcDateTime.ToString("yyyyMMddHHmmss00", System.Globalization.CultureInfo.InvariantCulture) : "0000000000000000";
            Encoding.ASCII.GetBytes(text).CopyTo(to[(813 + (17 * field))..]);
        }

        to[881] = 1;
    }

    private static void WritePathTable(Span<byte> to, int folder, bool bigEndian)
    {
        to[0] = 1;
        if (bigEndian)
        {
            BinaryPrimitives.WriteInt32BigEndian(to[2..], folder);
            BinaryPrimitives.WriteInt16BigEndian(to[6..], 1);
        }
        else
        {
            BinaryPrimitives.WriteInt32LittleEndian(to[2..], folder);
            BinaryPrimitives.WriteInt16LittleEndian(to[6..], 1);
        }
    }

    private static void WriteFolder(Span<byte> to, int self, IReadOnlyList<(string Name, int Start, int Length)> places, Func<string, int, byte[]> nameOf, DateTimeOffset time)
    {
        var at = WriteRecord(to, self, Sector, isFolder: true, [0], time);
        at += WriteRecord(to[at..], self, Sector, isFolder: true, [1], time);
        var entries = places.Select((place, index) => (Name: nameOf(place.Name, index), place.Start, place.Length)).ToList();
        entries.Sort(static (left, right) => left.Name.AsSpan().SequenceCompareTo(right.Name));
        foreach (var (name, start, length) in entries)
        {
            at += WriteRecord(to[at..], start, length, isFolder: false, name, time);
        }
    }

    private static int WriteRecord(Span<byte> to, int start, int length, bool isFolder, ReadOnlySpan<byte> name, DateTimeOffset time)
    {
        var size = 33 + name.Length + (name.Length % 2 == 0 ? 1 : 0);
        to[0] = (byte)size;
        WriteBoth(to[2..], start);
        WriteBoth(to[10..], length);
        var utc = time.UtcDateTime;
        ReadOnlySpan<byte> date = [(byte)(utc.Year - 1900), (byte)utc.Month, (byte)utc.Day, (byte)utc.Hour, (byte)utc.Minute, (byte)utc.Second, 0];
        date.CopyTo(to[18..]);
        to[25] = (byte)(isFolder ? 2 : 0);
        WriteBoth16(to[28..], 1);
        to[32] = (byte)name.Length;
        name.CopyTo(to[33..]);
        return size;
    }

    private static void WriteText(Span<byte> to, string text, bool joliet)
    {
        if (!joliet)
        {
            to.Fill((byte)' ');
            Encoding.ASCII.GetBytes(text).CopyTo(to);
            return;
        }

        for (var index = 0; index + 1 < to.Length; index += 2)
        {
            (to[index], to[index + 1]) = (0, (byte)' ');
        }

        Encoding.BigEndianUnicode.GetBytes(text).CopyTo(to);
    }

    private static void WriteBoth(Span<byte> to, int number)
    {
        BinaryPrimitives.WriteInt32LittleEndian(to, number);
        BinaryPrimitives.WriteInt32BigEndian(to[4..], number);
    }

    private static void WriteBoth16(Span<byte> to, short number)
    {
        BinaryPrimitives.WriteInt16LittleEndian(to, number);
        BinaryPrimitives.WriteInt16BigEndian(to[2..], number);
    }
}
