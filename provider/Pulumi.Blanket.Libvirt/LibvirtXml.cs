using System.Xml;
using System.Xml.Linq;
using Pulumi.Blanket.Libvirt.Errors;
using Pulumi.Blanket.Libvirt.Wire;

namespace Pulumi.Blanket.Libvirt;

/// <summary>XML from and for the wire.</summary>
internal static class LibvirtXml
{
    private static readonly XmlReaderSettings Settings = new()
    {
        DtdProcessing = DtdProcessing.Prohibit,
        XmlResolver = null,
        MaxCharactersInDocument = WireLimits.MaxStringBytes,
        IgnoreWhitespace = true,
    };

    /// <exception cref="LibvirtException">It is no XML.</exception>
    public static XElement Parse(string text)
    {
        try
        {
            using var reader = XmlReader.Create(new StringReader(text), Settings);
            return XElement.Load(reader);
        }
        catch (XmlException fault)
        {
            throw new LibvirtException(LibvirtFault.Protocol, $"libvirt gave what is no XML: {fault.Message}", fault, requestSent: true);
        }
    }

    /// <exception cref="ArgumentException">A text in it has characters that XML can't carry.</exception>
    public static string ToText(XElement element) => element.ToString(SaveOptions.DisableFormatting);
}
