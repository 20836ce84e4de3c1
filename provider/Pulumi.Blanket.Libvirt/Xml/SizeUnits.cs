using System.Xml.Linq;

namespace Pulumi.Blanket.Libvirt.Xml;

/// <summary>Sizes with a unit, as libvirt writes them (https://libvirt.org/formatdomain.html, "Memory Allocation").</summary>
internal static class SizeUnits
{
    public static ulong ToBytes(XElement size, string defaultUnit)
    {
        var unit = (string?)size.Attribute("unit") ?? defaultUnit;
        ulong factor = unit switch
        {
            "b" or "byte" or "bytes" => 1,
            "KB" => 1_000,
            "k" or "K" or "KiB" => 1UL << 10,
            "MB" => 1_000_000,
            "M" or "MiB" => 1UL << 20,
            "GB" => 1_000_000_000,
            "G" or "GiB" => 1UL << 30,
            "TB" => 1_000_000_000_000,
            "T" or "TiB" => 1UL << 40,
            _ => throw new FormatException($"libvirt gave a size in '{unit}', which is no unit"),
        };
        return checked((ulong)size * factor);
    }

    public static int? ToMiB(XElement? size) => size is null ? null : checked((int)(ToBytes(size, "KiB") >> 20));
}
