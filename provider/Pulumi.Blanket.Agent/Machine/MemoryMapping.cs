using System.Globalization;

namespace Pulumi.Blanket.Agent.Machine;

/// <summary>A range of this process's memory, as <c>/proc/self/smaps</c> has it (proc(5)).</summary>
/// <param name="Path">The file that is mapped there; empty where there is none.</param>
/// <param name="AnonymousBytes">Of pages that were written, and so are not the file's any more.</param>
internal sealed record MemoryMapping(nint Start, nint Length, bool IsWritable, string Path, long AnonymousBytes)
{
    private const int FieldsBeforePath = 5;
    private const string AnonymousField = "Anonymous:";

    public static IEnumerable<MemoryMapping> ReadOwn() => Parse(File.ReadLines("/proc/self/smaps"));

    internal static IEnumerable<MemoryMapping> Parse(IEnumerable<string> lines)
    {
        MemoryMapping? current = null;
        foreach (var line in lines)
        {
            // 55c0a1c00000-55c0a1c1f000 r-xp 0001f000 fe:00 1234   /usr/local/sbin/blanket-agent
            var fields = line.Split(' ', FieldsBeforePath + 1, StringSplitOptions.RemoveEmptyEntries);
            if (fields.Length >= FieldsBeforePath && fields[0].Split('-') is [var start, var end])
            {
                var from = nint.Parse(start, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
                current = new MemoryMapping(
                    from, nint.Parse(end, NumberStyles.HexNumber, CultureInfo.InvariantCulture) - from, fields[1].Contains('w', StringComparison.Ordinal),
                    fields.Length > FieldsBeforePath ? fields[FieldsBeforePath].Trim() : "", 0);
            }
            else if (current is not null && fields is [AnonymousField, var kibibytes, ..])
            {
                yield return current with { AnonymousBytes = long.Parse(kibibytes, CultureInfo.InvariantCulture) * 1024 };
            }
        }
    }
}
