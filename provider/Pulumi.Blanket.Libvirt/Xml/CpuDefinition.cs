using System.Xml.Linq;

namespace Pulumi.Blanket.Libvirt.Xml;

/// <summary>A guest's CPU.</summary>
/// <param name="Model">Such as <c>Westmere</c>; needed for <see cref="CpuMode.Custom"/>, null for the others.</param>
public sealed record CpuDefinition(CpuMode Mode, string? Model = null)
{
    /// <summary>Features that the model is to have beyond, or (false) to lack.</summary>
    public IReadOnlyDictionary<string, bool> Features { get; init; } = new Dictionary<string, bool>();

    public XElement ToXml() => new("cpu",
        new XAttribute("mode", Name(Mode)),
        Mode is CpuMode.Custom ? new XAttribute("match", "exact") : null,
        Mode is CpuMode.HostPassthrough or CpuMode.Maximum ? new XAttribute("migratable", "on") : null,
        Model is null ? null : new XElement("model", new XAttribute("fallback", "forbid"), Model),
        Features.Select(feature => new XElement("feature", new XAttribute("policy", feature.Value ? "require" : "disable"), new XAttribute("name", feature.Key))));

    /// <summary>Reads a domain's <c>&lt;cpu&gt;</c>, or one that a baseline gave, which has no mode.</summary>
    public static CpuDefinition FromXml(XElement cpu) => new(
        (string?)cpu.Attribute("mode") switch
        {
            "host-model" => CpuMode.HostModel,
            "host-passthrough" => CpuMode.HostPassthrough,
            "maximum" => CpuMode.Maximum,
            _ => CpuMode.Custom,
        },
        (string?)cpu.Element("model"))
    {
        Features = cpu.Elements("feature").GroupBy(feature => (string?)feature.Attribute("name") ?? "")
            .ToDictionary(group => group.Key, group => (string?)group.Last().Attribute("policy") is not ("disable" or "forbid")),
    };

    private static string Name(CpuMode mode) => mode switch
    {
        CpuMode.HostModel => "host-model",
        CpuMode.HostPassthrough => "host-passthrough",
        CpuMode.Maximum => "maximum",
        _ => "custom",
    };
}
