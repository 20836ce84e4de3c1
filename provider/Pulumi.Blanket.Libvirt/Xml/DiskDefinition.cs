using System.Xml.Linq;

namespace Pulumi.Blanket.Libvirt.Xml;

/// <summary>A disk that is a file on the host.</summary>
/// <param name="Path">Null: a drive without a medium.</param>
/// <param name="Target">The name that the guest's bus gives it, such as <c>vda</c>.</param>
public sealed record DiskDefinition(string? Path, string Target)
{
    public DiskDevice Device { get; init; } = DiskDevice.Disk;

    /// <summary>Of the image: <c>qcow2</c> or <c>raw</c>.</summary>
    public string Format { get; init; } = "qcow2";

    /// <summary><c>virtio</c>, <c>scsi</c>, <c>sata</c>, <c>ide</c>.</summary>
    public string Bus { get; init; } = "virtio";

    public bool ReadOnly { get; init; }

    /// <summary><c>none</c> is what a move needs; null leaves it to libvirt.</summary>
    public string? Cache { get; init; } = "none";

    /// <summary>What the guest frees is freed in the image.</summary>
    public bool Discard { get; init; }

    /// <summary>Names the disk inside the guest, whatever its place on the bus.</summary>
    public string? Serial { get; init; }

    /// <summary>From 1: the order in which disks are tried for a boot loader; null: not at all, where another disk has one.</summary>
    public int? BootOrder { get; init; }

    /// <summary>What it is laid over: libvirt takes this, and not what a guest's QEMU may have written into the disk. Null: it is asked nothing, and libvirt reads the disk's own header.</summary>
    public BackingDefinition? Backing { get; init; }

    /// <summary>What libvirt calls it while the domain runs; only read.</summary>
    public string? Alias { get; init; }

    public XElement ToXml() => new("disk",
        new XAttribute("type", "file"), new XAttribute("device", Device is DiskDevice.Cdrom ? "cdrom" : "disk"),
        new XElement("driver", new XAttribute("name", "qemu"), new XAttribute("type", Format),
            Cache is null ? null : new XAttribute("cache", Cache), Discard ? new XAttribute("discard", "unmap") : null),
        Path is null ? null : new XElement("source", new XAttribute("file", Path)),
        Backing?.ToXml(),
        new XElement("target", new XAttribute("dev", Target), new XAttribute("bus", Bus)),
        BootOrder is null ? null : new XElement("boot", new XAttribute("order", BootOrder)),
        ReadOnly ? new XElement("readonly") : null,
        Serial is null ? null : new XElement("serial", Serial));

    public static DiskDefinition FromXml(XElement disk)
    {
        var driver = disk.Element("driver");
        return new DiskDefinition((string?)disk.Element("source")?.Attribute("file"), (string?)disk.Element("target")?.Attribute("dev") ?? "")
        {
            Device = (string?)disk.Attribute("device") is "cdrom" ? DiskDevice.Cdrom : DiskDevice.Disk,
            Format = (string?)driver?.Attribute("type") ?? "raw",
            Bus = (string?)disk.Element("target")?.Attribute("bus") ?? "",
            ReadOnly = disk.Element("readonly") is not null,
            Backing = disk.Element("backingStore") is { } backing ? BackingDefinition.FromXml(backing) : null,
            Cache = (string?)driver?.Attribute("cache"),
            Discard = (string?)driver?.Attribute("discard") is "unmap",
            Serial = (string?)disk.Element("serial"),
            BootOrder = (int?)disk.Element("boot")?.Attribute("order"),
            Alias = (string?)disk.Element("alias")?.Attribute("name"),
        };
    }
}
