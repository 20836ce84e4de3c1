using System.Xml.Linq;
using Google.Protobuf;
using Pulumi.Blanket.Agent.Hypervisor;
using Pulumi.Blanket.Contract;

namespace Pulumi.Blanket.Agent.Machines;

/// <summary>
/// What a domain's metadata say of the machine that it is. libvirt keeps them with the domain, so that there is never one without the other,
/// and they go along where the domain goes.
/// </summary>
internal sealed record MachineMetadata(string FabricId, string Urn, MachinePhase Phase, string SettledHost, MachineRecord Record)
{
    /// <summary>For the namespace, in the domain's XML.</summary>
    public const string Prefix = "blanket";

    public static readonly XNamespace Namespace = BlanketDomains.Namespace;

    private const string ElementName = "machine";

    private static readonly JsonParser Parser = new(JsonParser.Settings.Default.WithIgnoreUnknownFields(true));

    /// <summary>As it stands in a domain's XML.</summary>
    public XElement ToXml() => new(Namespace + ElementName, new XAttribute(XNamespace.Xmlns + Prefix, Namespace), Content());

    /// <summary>As libvirt wants it where it is set by itself: it adds the namespace.</summary>
    public XElement ToBareXml() => new(ElementName, Content());

    /// <returns>Null for an element that is no machine's, or damaged.</returns>
    public static MachineMetadata? TryRead(XElement? element)
    {
        if (element is null || (string?)element.Attribute("fabric") is not { } fabricId || (string?)element.Attribute("urn") is not { } urn
            || !Enum.TryParse<MachinePhase>((string?)element.Attribute("phase"), ignoreCase: true, out var phase))
        {
            return null;
        }

        try
        {
            var record = Parser.Parse<MachineRecord>(element.Value);
            return record.Spec is null ? null : new MachineMetadata(fabricId, urn, phase, (string?)element.Attribute("settledHost") ?? "", record);
        }
        catch (Exception fault) when (fault is InvalidProtocolBufferException or InvalidJsonException)
        {
            return null;
        }
    }

    private object[] Content() =>
    [
        new XAttribute("fabric", FabricId),
        new XAttribute("urn", Urn),
        new XAttribute("phase", Phase.ToString().ToLowerInvariant()),
        new XAttribute("settledHost", SettledHost),
        JsonFormatter.Default.Format(Record),
    ];
}
