using System.Xml.Linq;

namespace Pulumi.Blanket.Libvirt.Xml;

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

    /// <summary>UEFI firmware that libvirt chooses, without Secure Boot; else BIOS.</summary>
    public bool Uefi { get; init; }

    /// <summary>Null: boots from its first disk.</summary>
    public DirectBoot? Boot { get; init; }

    /// <summary>Null leaves it to the hypervisor.</summary>
    public CpuDefinition? Cpu { get; init; }

    public IReadOnlyList<DiskDefinition> Disks { get; init; } = [];

    public IReadOnlyList<InterfaceDefinition> Interfaces { get; init; } = [];

    /// <summary>A file on the host that the serial console is logged to, by virtlogd, which keeps it small; null: a console without a log.</summary>
    public string? ConsoleLog { get; init; }

    /// <summary>A channel for the QEMU guest agent.</summary>
    public bool AgentChannel { get; init; }

    /// <summary>PCI Express ports for devices, those plugged in later included; null leaves them to libvirt, which adds as many as are needed at the start.</summary>
    public int? PciePorts { get; init; }

    /// <summary>False leaves out the USB controller that libvirt adds otherwise.</summary>
    public bool Usb { get; init; } = true;

    /// <summary>A source of random numbers, without which a guest may wait for them at its start.</summary>
    public bool RandomSource { get; init; }

    /// <summary>Arguments for QEMU beyond those that libvirt makes.</summary>
    public IReadOnlyList<string> QemuArguments { get; init; } = [];

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
            Usb ? null : new XElement("controller", new XAttribute("type", "usb"), new XAttribute("model", "none")),
            Disks.Any(disk => disk.Bus == "scsi") ? new XElement("controller", new XAttribute("type", "scsi"), new XAttribute("index", 0), new XAttribute("model", "virtio-scsi")) : null,
            PortsXml(),
            Disks.Select(disk => disk.ToXml()),
            Interfaces.Select(card => card.ToXml()),
            ConsoleXml(),
            AgentChannel
                ? new XElement("channel", new XAttribute("type", "unix"),
                    new XElement("target", new XAttribute("type", "virtio"), new XAttribute("name", AgentChannelName)))
                : null,
            new XElement("memballoon", new XAttribute("model", "virtio")),
            RandomSource ? new XElement("rng", new XAttribute("model", "virtio"), new XElement("backend", new XAttribute("model", "random"), "/dev/urandom")) : null),
        QemuArguments.Count == 0 ? null : QemuXml(QemuArguments));

    /// <summary>The element with arguments for QEMU, as it stands at a domain's end.</summary>
    public static XElement QemuXml(IReadOnlyList<string> arguments)
        => new(QemuNamespace + "commandline", arguments.Select(argument => new XElement(QemuNamespace + "arg", new XAttribute("value", argument))));

    /// <summary>Of <see cref="QemuXml"/> (https://libvirt.org/drvqemu.html, "Pass-through of arbitrary QEMU commands").</summary>
    public static readonly XNamespace QemuNamespace = "http://libvirt.org/schemas/domain/qemu/1.0";

    /// <exception cref="FormatException">It lacks what every domain has.</exception>
    public static DomainDefinition FromXml(XElement domain)
    {
        var os = domain.Element("os");
        var type = os?.Element("type");
        var devices = domain.Element("devices");
        var vcpu = Required(domain, "vcpu");
        var currentVcpus = (int?)vcpu.Attribute("current");
        var serial = devices?.Elements("serial").FirstOrDefault(candidate => candidate.Element("log") is not null);
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
            ConsoleLog = (string?)serial?.Element("log")?.Attribute("file"),
            AgentChannel = devices?.Elements("channel").Any(channel => (string?)channel.Element("target")?.Attribute("name") == AgentChannelName) ?? false,
            Usb = (devices?.Elements("controller") ?? []).All(controller => (string?)controller.Attribute("type") is not "usb" || (string?)controller.Attribute("model") is not "none"),
            RandomSource = devices?.Element("rng") is not null,
            QemuArguments = [.. (domain.Element(QemuNamespace + "commandline")?.Elements(QemuNamespace + "arg") ?? []).Select(argument => (string?)argument.Attribute("value") ?? "")],
            Metadata = [.. domain.Element("metadata")?.Elements() ?? []],
        };
    }

    private const string AgentChannelName = "org.qemu.guest_agent.0";

    private XElement OsXml() => new("os",
        Uefi ? new XAttribute("firmware", "efi") : null,
        Uefi ? new XElement("firmware", NoFeature("enrolled-keys"), NoFeature("secure-boot")) : null,
        new XElement("type", new XAttribute("arch", Architecture), MachineType is null ? null : new XAttribute("machine", MachineType), "hvm"),
        Boot is null
            ? Disks.Any(disk => disk.BootOrder is not null) ? [] : [new XElement("boot", new XAttribute("dev", "hd"))]
            : new object?[]
            {
                new XElement("kernel", Boot.Kernel),
                Boot.Initrd is null ? null : new XElement("initrd", Boot.Initrd),
                Boot.CommandLine is null ? null : new XElement("cmdline", Boot.CommandLine),
            });

    // Keys of others in it would decide which guests may start.
    private static XElement NoFeature(string name) => new("feature", new XAttribute("enabled", "no"), new XAttribute("name", name));

    private IEnumerable<XElement> PortsXml() => PciePorts is not { } ports
        ? []
        : Enumerable.Range(1, ports).Select(index => new XElement("controller", new XAttribute("type", "pci"), new XAttribute("index", index), new XAttribute("model", "pcie-root-port")))
            .Prepend(new XElement("controller", new XAttribute("type", "pci"), new XAttribute("index", 0), new XAttribute("model", "pcie-root")));

    private XElement ConsoleXml() => new("serial", new XAttribute("type", "pty"),
        ConsoleLog is null ? null : new XElement("log", new XAttribute("file", ConsoleLog), new XAttribute("append", "on")),
        new XElement("target", new XAttribute("port", 0)));

    private static XElement Required(XElement domain, string name)
        => domain.Element(name) ?? throw new FormatException($"a domain's XML has no <{name}>");
}
