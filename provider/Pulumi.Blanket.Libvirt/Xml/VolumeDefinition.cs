using System.Xml.Linq;

namespace Pulumi.Blanket.Libvirt.Xml;

/// <summary>A volume in a pool.</summary>
public sealed record VolumeDefinition(string Name, ulong CapacityBytes)
{
    /// <summary><c>qcow2</c> or <c>raw</c>.</summary>
    public string Format { get; init; } = "qcow2";

    /// <summary>The image that it is an overlay of; null: none.</summary>
    public string? BackingPath { get; init; }

    public string BackingFormat { get; init; } = "qcow2";

    public XElement ToXml() => new("volume",
        new XElement("name", Name),
        new XElement("capacity", new XAttribute("unit", "bytes"), CapacityBytes),
        new XElement("target", new XElement("format", new XAttribute("type", Format))),
        BackingPath is null ? null : new XElement("backingStore",
            new XElement("path", BackingPath),
            new XElement("format", new XAttribute("type", BackingFormat))));

    public static VolumeDefinition FromXml(XElement volume)
    {
        var backing = volume.Element("backingStore");
        return new VolumeDefinition((string?)volume.Element("name") ?? "", volume.Element("capacity") is { } capacity ? SizeUnits.ToBytes(capacity, "bytes") : 0)
        {
            Format = (string?)volume.Element("target")?.Element("format")?.Attribute("type") ?? "raw",
            BackingPath = (string?)backing?.Element("path"),
            BackingFormat = (string?)backing?.Element("format")?.Attribute("type") ?? "qcow2",
        };
    }
}
