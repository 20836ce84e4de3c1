using System.Xml.Linq;

namespace Pulumi.Blanket.Libvirt.Xml;

/// <summary>A network card on a bridge of the host.</summary>
/// <param name="Bridge">Null where libvirt's XML has an interface of another kind.</param>
/// <param name="Mac">Such as <c>52:54:00:12:34:56</c>; null: libvirt makes one.</param>
public sealed record InterfaceDefinition(string? Bridge, string? Mac = null)
{
    public string Model { get; init; } = "virtio";

    /// <summary>In bytes; null: the bridge's.</summary>
    public int? Mtu { get; init; }

    /// <summary>The device's name on the host; null: libvirt makes one.</summary>
    public string? Device { get; init; }

    /// <summary>What libvirt calls it while the domain runs; only read.</summary>
    public string? Alias { get; init; }

    public XElement ToXml() => new("interface", new XAttribute("type", "bridge"),
        Mac is null ? null : new XElement("mac", new XAttribute("address", Mac)),
        new XElement("source", new XAttribute("bridge", Bridge ?? throw new InvalidOperationException("an interface without a bridge can be read, not written"))),
        Device is null ? null : new XElement("target", new XAttribute("dev", Device)),
        new XElement("model", new XAttribute("type", Model)),
        Mtu is null ? null : new XElement("mtu", new XAttribute("size", Mtu)));

    public static InterfaceDefinition FromXml(XElement card)
        => new((string?)card.Element("source")?.Attribute("bridge"), (string?)card.Element("mac")?.Attribute("address"))
        {
            Model = (string?)card.Element("model")?.Attribute("type") ?? "",
            Mtu = (int?)card.Element("mtu")?.Attribute("size"),
            Device = (string?)card.Element("target")?.Attribute("dev"),
            Alias = (string?)card.Element("alias")?.Attribute("name"),
        };
}
