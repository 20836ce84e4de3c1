using System.Text.RegularExpressions;
using System.Xml;
using System.Xml.Linq;
using Pulumi.Blanket.Agent.Images;
using Pulumi.Blanket.Agent.Machines;
using Pulumi.Blanket.Agent.Networks;
using Pulumi.Blanket.Contract;
using Pulumi.Blanket.Libvirt.Xml;

namespace Pulumi.Blanket.Agent.Moving;

/// <summary>
/// Whether the definition that comes with a VM which is off is that of the VM, and of nothing of the host beside it: libvirt would give a domain any file, device or network of
/// the host that its XML names. What it may name is listed here; everything else is refused. It is kept as it came, since a guest knows its devices by their addresses in it. Pure.
/// </summary>
internal static partial class MovedDefinitionCheck
{
    private const int MostCharacters = 1 << 20;
    private const int MostNameCharacters = 220;

    private static readonly HashSet<string> Parts = new(StringComparer.Ordinal)
    {
        "name", "uuid", "genid", "title", "description", "metadata", "memory", "currentMemory", "maxMemory", "vcpu", "vcpus", "resource", "os", "features", "cpu", "clock",
        "on_poweroff", "on_reboot", "on_crash", "pm", "devices",
    };

    private static readonly HashSet<string> Devices = new(StringComparer.Ordinal)
    {
        "emulator", "disk", "controller", "interface", "serial", "console", "channel", "input", "audio", "watchdog", "memballoon", "rng", "panic",
    };

    /// <summary>The control group of all VMs, which libvirt names in what it saves of one that runs.</summary>
    private const string DefaultPartition = "/machine";

    /// <summary>Where a host has QEMU and its firmware, and libvirt the ends of its own channels.</summary>
    private static readonly string[] Common =
    [
        "/usr/bin/qemu-system-", "/usr/bin/qemu-kvm", "/usr/bin/kvm", "/usr/libexec/qemu-kvm", "/usr/share/OVMF/", "/usr/share/qemu/", "/usr/share/edk2/", "/usr/share/AAVMF/",
        "/var/lib/libvirt/qemu/channel/", "/run/libvirt/qemu/channel/",
    ];

    public static void Check(MoveOrder order, RequestFaults faults) => Check(order, order.Definition, faults);

    /// <param name="definition">Where there is another one of the same VM.</param>
    public static void Check(MoveOrder order, string definition, RequestFaults faults)
    {
        if (Parse(definition) is not { } domain || domain.Name != "domain")
        {
            faults.Expect(false, "its definition is no domain's XML");
            return;
        }

        // A VM that was given another name keeps its domain's.
        var name = domain.Element("name")?.Value ?? "";
        faults.Expect(IsNameOf(name, order.Uuid) && domain.Element("uuid")?.Value == order.Uuid, "its definition is of another domain");
        faults.Expect(domain.DescendantsAndSelf().All(static element => !element.HasElements || element.Nodes().OfType<XText>().All(static text => string.IsNullOrWhiteSpace(text.Value))), "its definition has text beside elements");
        faults.Expect(domain.Elements("os").Elements("nvram").All(variables => variables.Value.Length == 0 || VariablesOf(name).Contains(variables.Value)), "its definition has firmware variables that are not its own");
        foreach (var part in domain.Elements().Where(static part => !(part.Name.Namespace == XNamespace.None && Parts.Contains(part.Name.LocalName))))
        {
            faults.Expect((part.Name == DomainDefinition.QemuNamespace + "commandline" && AreOwn(part)) || IsDefaultLabel(part), $"its definition has <{part.Name.LocalName}>, which none of a VM of this fabric has");
        }

        foreach (var device in domain.Elements("devices").Elements())
        {
            faults.Expect(Devices.Contains(device.Name.LocalName) && IsOwn(device, order), $"its definition has a device <{device.Name.LocalName} type='{(string?)device.Attribute("type")}'> that none of a VM of this fabric has");
        }

        var own = OwnPaths(order, name);
        foreach (var (path, mayBeCommon) in PathsIn(domain))
        {
            faults.Expect(own.Contains(path) || (mayBeCommon && IsCommon(path)), $"its definition names {path}, which is no file of this VM");
        }
    }

    private static XElement? Parse(string definition)
    {
        if (definition.Length > MostCharacters)
        {
            return null;
        }

        try
        {
            using var reader = XmlReader.Create(new StringReader(definition), new XmlReaderSettings { DtdProcessing = DtdProcessing.Prohibit, XmlResolver = null });
            return XElement.Load(reader);
        }
        catch (XmlException)
        {
            return null;
        }
    }

    /// <summary>Only of kinds that have nothing of the host's but what has a path, which is looked at by itself.</summary>
    private static bool IsOwn(XElement device, MoveOrder order) => (device.Name.LocalName, (string?)device.Attribute("type")) switch
    {
        ("disk", "file") => device.Descendants("source").All(static source => !source.HasElements && source.Attributes().All(static attribute => attribute.Name.LocalName is "file" or "index"))
            && device.Descendants("backingStore").All(static store => (string?)store.Attribute("type") is null or "file")
            && device.Elements().All(static part => part.Name.LocalName is not ("mirror" or "encryption" or "auth" or "reservations")),
        ("disk", _) => false,
        ("interface", "bridge") => device.Element("source")?.Attribute("bridge")?.Value is { } bridge && order.Leases.Any(lease => OverlayNetwork.Bridge(lease.Vni) == bridge)
            && device.Elements().All(static part => part.Name.LocalName is not ("script" or "backenddomain" or "portForward")),
        ("interface", _) => false,
        ("serial" or "console", "pty") => device.Elements("source").All(static source => ((string?)source.Attribute("path"))?.StartsWith("/dev/pts/", StringComparison.Ordinal) != false),
        ("channel", "unix") => device.Elements("source").All(static source => (string?)source.Attribute("mode") == "bind"),
        ("serial" or "console" or "channel", _) => false,
        ("audio", "none") => true,
        ("audio", _) => false,
        ("input", "mouse" or "keyboard" or "tablet") => true,
        ("input", _) => false,
        ("rng", _) => device.Element("backend") is { } backend && (string?)backend.Attribute("model") is "random" or "builtin",
        _ => true,
    };

    /// <summary>As <see cref="MachineDomain.OddMemory"/> makes them, whatever the size.</summary>
    private static bool AreOwn(XElement commandLine)
        => commandLine.Elements().All(static argument => argument.Name == DomainDefinition.QemuNamespace + "arg")
            && OddMemory().IsMatch(string.Join(' ', commandLine.Elements().Select(static argument => (string?)argument.Attribute("value"))));

    /// <summary>That each VM is confined by a label of its own, as libvirt notes in what it saves of one that runs; any other label would be less.</summary>
    private static bool IsDefaultLabel(XElement part)
        => part.Name == "seclabel" && (string?)part.Attribute("type") == "dynamic" && (string?)part.Attribute("relabel") == "yes" && !part.HasElements;

    private static HashSet<string> OwnPaths(MoveOrder order, string name)
    {
        HashSet<string> own = new(StringComparer.Ordinal)
        {
            Seed.PathOf(order.Uuid), MachineDomain.ConsoleLogOf(order.FabricId, order.Uuid), "/dev/urandom", "/dev/random",
        };
        own.UnionWith(VariablesOf(name));
        own.UnionWith(order.Disks.Select(static disk => disk.Path));
        own.UnionWith(MachineImages.Of(order.Spec).Select(ImageStore.PathOf));
        return own;
    }

    private static string[] VariablesOf(string name) => [$"{MovedFiles.FirmwareVariablesFolder}/{name}_VARS.fd", $"{MovedFiles.FirmwareVariablesFolder}/{name}_VARS.qcow2"];

    private static bool IsNameOf(string name, string uuid)
        => name.Length <= MostNameCharacters && name.EndsWith(MachineDomain.NameOf("", uuid), StringComparison.Ordinal) && name.All(static character => char.IsAsciiLetterOrDigit(character) || character is '-' or '_' or '.');

    /// <summary>Everything in it that could be a path, wherever it stands, and whether that is where the host's own programs are named; a kernel's command line and our own metadata are read by nobody on the host.</summary>
    private static IEnumerable<(string Path, bool MayBeCommon)> PathsIn(XElement domain)
        => domain.Elements().Where(static part => part.Name.LocalName is not ("metadata" or "title" or "description")).DescendantsAndSelf()
            .Where(static element => element.Name.LocalName != "cmdline" && element.Name.Namespace != DomainDefinition.QemuNamespace)
            .SelectMany(static element => element.Attributes().Select(attribute => (Path: attribute.Value, MayBeCommon: (element.Name.LocalName, attribute.Name.LocalName) is ("nvram", "template") || element.Parent?.Name == "channel"))
                .Append((Path: element.HasElements ? "" : element.Value, MayBeCommon: element.Name.LocalName is "emulator" or "loader")))
            .Where(static text => text.Path != DefaultPartition && text.Path.Contains('/', StringComparison.Ordinal) && !text.Path.StartsWith("/dev/pts/", StringComparison.Ordinal));

    private static bool IsCommon(string path) => !path.Contains("..", StringComparison.Ordinal) && Common.Any(start => path.StartsWith(start, StringComparison.Ordinal));

    [GeneratedRegex(@"\A-object memory-backend-ram,id=odd,size=[0-9]{1,18} -machine memory-backend=odd -m [0-9]{1,16}k\z")]
    private static partial Regex OddMemory();
}
