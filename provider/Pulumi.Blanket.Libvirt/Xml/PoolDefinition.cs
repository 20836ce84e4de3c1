using System.Xml.Linq;

namespace Pulumi.Blanket.Libvirt.Xml;

/// <summary>A storage pool that is a folder on the host.</summary>
public sealed record PoolDefinition(string Name, string Folder)
{
    public XElement ToXml() => new("pool", new XAttribute("type", "dir"),
        new XElement("name", Name),
        new XElement("target", new XElement("path", Folder)));

    public static PoolDefinition FromXml(XElement pool) => new((string?)pool.Element("name") ?? "", (string?)pool.Element("target")?.Element("path") ?? "");
}
