using System.Xml.Linq;

namespace Pulumi.Blanket.Libvirt.Xml;

/// <summary>The one image that a disk is laid over, or that it is laid over none.</summary>
/// <param name="Path">Null: none.</param>
/// <param name="Format">Of that image, which is never guessed.</param>
public sealed record BackingDefinition(string? Path, string Format = "qcow2")
{
    public static readonly BackingDefinition None = new((string?)null);

    // The empty element ends the chain.
    public XElement ToXml() => Path is null
        ? new XElement("backingStore")
        : new XElement("backingStore", new XAttribute("type", "file"),
            new XElement("format", new XAttribute("type", Format)),
            new XElement("source", new XAttribute("file", Path)),
            new XElement("backingStore"));

    public static BackingDefinition FromXml(XElement backing)
        => (string?)backing.Element("source")?.Attribute("file") is { } path ? new BackingDefinition(path, (string?)backing.Element("format")?.Attribute("type") ?? "raw") : None;
}
