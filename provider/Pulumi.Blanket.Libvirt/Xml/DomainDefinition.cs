using System.Xml.Linq;

namespace Pulumi.Blanket.Libvirt;

/// <summary>
/// What the project defines of a domain, and reads back. What libvirt adds of its own, and what else a domain may have, is left alone:
/// a reader that needs more has the XML.
/// </summary>
public sealed record DomainDefinition
{
    public required string Name { get; init; }

    /// <summary>Null: libvirt makes one.</summary>
    public Guid? Uuid { get; init; }

    public DomainType Type { get; init; } = DomainType.Kvm;

    /// <summary>What the domain starts with.</summary>
    public required int MemoryMiB { get; init; }

    /// <summary>What the balloon leaves it; null: all.</summary>
    public int? CurrentMemoryMiB { get; init; }

    public int Vcpus { get; init; } = 1;

    /// <summary>The most that it can have while it runs; null: <see cref="Vcpus"/>.</summary>
    public int? MaxVcpus { get; init; }

    public string Architecture { get; init; } = "x86_64";

    /// <summary>Such as <c>pc-q35-7.2</c>; null leaves it to the hypervisor, which then differs between hosts.</summary>
    public string? MachineType { get; init; }

    /// <summary>UEFI firmware that libvirt chooses; else BIOS.</summary>
    public bool Uefi { get; init; }

    /// <summary>Null: boots from its first disk.</summary>
    public DirectBoot? Boot { get; init; }

    /// <summary>Null leaves it to the hypervisor.</summary>
    public CpuDefinition? Cpu { get; init; }

    public IReadOnlyList<DiskDefinition> Disks { get; init; } = [];

    public IReadOnlyList<InterfaceDefinition> Interfaces { get; init; } = [];

    /// <summary>A file on the host that the serial console is appended to; null: a console without a file.</summary>
    public string? ConsoleLog { get; init; }

    /// <summary>A channel for the QEMU guest agent.</summary>
    public bool AgentChannel { get; init; }

    /// <summary>Of the project, or whoever else has a namespace: elements that libvirt keeps and does not read.</summary>
    public IReadOnlyList<XElement> Metadata { get; init; } = [];

    public XElement ToXml() => new("domain", new XAttribute("type", Type switch { DomainType.Kvm => "kvm", DomainType.Xen => "xen", _ => "qemu" }),
        new XElement("name", Name),
        Uuid is { } uuid ? new XElement("uuid", uuid.ToString()) : null,
        Metadata.Count == 0 ? null : new XElement("metadata", Metadata),
        new XElement("memory", new XAttribute("unit", "MiB"), MemoryMiB),
        CurrentMemoryMiB is { } current ? new XElement("currentMemory", new XAttribute("unit", "MiB"), current) : null,
        new XElement("vcpu", MaxVcpus is { } max && max != Vcpus ? new XAttribute("current", Vcpus) : null, MaxVcpus ?? Vcpus),
        OsXml(),
        new XElement("features", new XElement("acpi"), new XElement("apic")),
        Cpu?.ToXml(),
        new XElement("clock", new XAttribute("offset", "utc")),
        new XElement("on_poweroff", "destroy"),
        new XElement("on_reboot", "restart"),
        new XElement("on_crash", "destroy"),
        new XElement("devices",
            Disks.Select(disk => disk.ToXml()),
            Interfaces.Select(card => card.ToXml()),
            ConsoleXml(),
            AgentChannel
                ? new XElement("channel", new XAttribute("type", "unix"),
                    new XElement("target", new XAttribute("type", "virtio"), new XAttribute("name", AgentChannelName)))
                : null,
            new XElement("memballoon", new XAttribute("model", "virtio"))));

    /// <exception cref="FormatException">It lacks what every domain has.</exception>
    public static DomainDefinition FromXml(XElement domain)
    {
        var os = domain.Element("os");
        var type = os?.Element("type");
        var devices = domain.Element("devices");
        var vcpu = Required(domain, "vcpu");
        var currentVcpus = (int?)vcpu.Attribute("current");
        var serial = devices?.Elements("serial").FirstOrDefault(candidate => (string?)candidate.Attribute("type") is "file");
        return new DomainDefinition
        {
            Name = Required(domain, "name").Value,
            Uuid = (Guid?)domain.Element("uuid"),
            Type = (string?)domain.Attribute("type") switch { "kvm" => DomainType.Kvm, "xen" => DomainType.Xen, _ => DomainType.Qemu },
            MemoryMiB = SizeUnits.ToMiB(Required(domain, "memory"))!.Value,
            CurrentMemoryMiB = SizeUnits.ToMiB(domain.Element("currentMemory")),
            Vcpus = currentVcpus ?? (int)vcpu,
            MaxVcpus = currentVcpus is null ? null : (int)vcpu,
            Architecture = (string?)type?.Attribute("arch") ?? "",
            MachineType = (string?)type?.Attribute("machine"),
            Uefi = (string?)os?.Attribute("firmware") is "efi" || os?.Element("loader") is not null,
            Boot = (string?)os?.Element("kernel") is { } kernel ? new DirectBoot(kernel, (string?)os.Element("initrd"), (string?)os.Element("cmdline")) : null,
            Cpu = domain.Element("cpu") is { } cpu ? CpuDefinition.FromXml(cpu) : null,
            Disks = [.. (devices?.Elements("disk") ?? []).Select(DiskDefinition.FromXml)],
            Interfaces = [.. (devices?.Elements("interface") ?? []).Select(InterfaceDefinition.FromXml)],
            ConsoleLog = (string?)serial?.Element("source")?.Attribute("path"),
            AgentChannel = devices?.Elements("channel").Any(channel => (string?)channel.Element("target")?.Attribute("name") == AgentChannelName) ?? false,
            Metadata = [.. domain.Element("metadata")?.Elements() ?? []],
        };
    }

    private const string AgentChannelName = "org.qemu.guest_agent.0";

    private XElement OsXml() => new("os",
        Uefi ? new XAttribute("firmware", "efi") : null,
        new XElement("type", new XAttribute("arch", Architecture), MachineType is null ? null : new XAttribute("machine", MachineType), "hvm"),
        Boot is null
            ? [new XElement("boot", new XAttribute("dev", "hd"))]
            : new object?[]
            {
                new XElement("kernel", Boot.Kernel),
                Boot.Initrd is null ? null : new XElement("initrd", Boot.Initrd),
                Boot.CommandLine is null ? null : new XElement("cmdline", Boot.CommandLine),
            });

    private XElement ConsoleXml() => ConsoleLog is null
        ? new XElement("serial", new XAttribute("type", "pty"), new XElement("target", new XAttribute("port", 0)))
        : new XElement("serial", new XAttribute("type", "file"),
            new XElement("source", new XAttribute("path", ConsoleLog), new XAttribute("append", "on")),
            new XElement("target", new XAttribute("port", 0)));

    private static XElement Required(XElement domain, string name)
        => domain.Element(name) ?? throw new FormatException($"a domain's XML has no <{name}>");
}
