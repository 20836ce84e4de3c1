using System.Xml.Linq;
using Pulumi.Blanket.Agent.Machine;
using Pulumi.Blanket.Agent.Machines;
using Pulumi.Blanket.Agent.Moving;
using Pulumi.Blanket.Contract;
using Pulumi.Blanket.Libvirt.Wire;
using Pulumi.Blanket.Libvirt.Xml;

namespace Pulumi.Blanket.Agent.Tests;

/// <summary>What a member may order of another one: a move to it of a VM of the fabric, and nothing of its files, devices or programs beside it.</summary>
public sealed class MoveOrderCheckTests
{
    private const string Self = "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb";
    private const string Source = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
    private const string Uuid = "08b96858-39ad-4f89-93c1-eaba92250233";
    private const string Volume = "11b96858-39ad-4f89-93c1-eaba92250233";

    private static readonly string Image = new('a', 64);
    private static readonly Lease Lease = new() { Vni = 3, Address = "10.1.0.7", Mac = "52:54:00:00:00:01" };

    [Fact]
    public void AMoveOfAVmIsTaken()
    {
        Check(static _ => { });
        Check(static order => order.Offline = false);
        Check(static order =>
        {
            order.PostCopy = true;
            order.Offline = false;
        });
    }

    private static readonly Dictionary<string, (Action<MoveOrder> Spoil, string Expected)> Orders = new(StringComparer.Ordinal)
    {
        ["fabric"] = (static order => order.FabricId = "fabric00none", "of another fabric"),
        ["path as a fabric"] = (static order => order.FabricId = "../../etc", "of another fabric"),
        ["source"] = (static order => order.Source = Self, "its source is not who gives it"),
        ["target"] = (static order => order.Target = Source, "its target is another member"),
        ["number"] = (static order => order.Number = "../1", "its number is none"),
        ["uuid"] = (static order => order.Uuid = Uuid.ToUpperInvariant(), "no UUID"),
        ["yields"] = (static order => order.YieldsTo = "../x", "no UUID"),
        ["began"] = (static order => order.Began = double.NaN, "began at no time"),
        ["settled host"] = (static order => order.SettledHost = "a\u0001", "no name"),
        ["mode"] = (static order => order.Mode = (MoveMode)17, "is none"),
        ["no specification"] = (static order => order.Spec = null, "no specification"),
        ["name"] = (static order => order.Name = "db", "no specification"),
        ["name with a slash"] = (static order => order.Name = order.Spec.Name = "../web", "no specification"),
        ["no claim"] = (static order => order.Uuid = Volume, "no room for it here"),
        ["lease"] = (static order => order.Leases[0] = new Lease { Vni = 3, Address = "10.1.0.8", Mac = Lease.Mac }, "addresses"),
        ["disk of the host"] = (static order => order.Disks[0].Path = "/etc/shadow", "a path"),
        ["disk of another VM"] = (static order => order.Disks[0].Path = MachineDisks.PathOf(Volume, 0), "a path"),
        ["disk through a folder"] = (static order => order.Disks[0].Path = $"{AgentPaths.Pool}/{Uuid}-/../../x.qcow2", "a path"),
        ["disk by another way"] = (static order => order.Disks[0].Path = order.Disks[0].Path.Replace("/pool/", "/pool//", StringComparison.Ordinal), "a path"),
        ["disks"] = (static order => order.Disks.RemoveAt(1), "disks"),
        ["twice"] = (static order =>
        {
            order.Spec.Disks[1] = new DiskSpec { SizeGib = 1 };
            order.Disks[1] = order.Disks[0].Clone();
            order.Disks[1].Image = "";
            order.Volumes.Clear();
        }, "one path"),
        ["size"] = (static order => order.Disks[0].SizeBytes = -1, "bytes"),
        ["image"] = (static order => order.Disks[0].Image = new string('b', 64), "another image"),
        ["volume"] = (static order => order.Volumes[0].Uuid = Uuid, "volumes"),
        ["no definition"] = (static order => order.Definition = "", "lacks the definition"),
        ["definition"] = (static order => order.Definition = "<domain", "no domain's XML"),
        ["entities"] = (static order => order.Definition = "<!DOCTYPE domain [<!ENTITY a 'b'>]>" + order.Definition, "no domain's XML"),
        ["definition of another"] = (static order => Change(order, static domain => domain.Element("uuid")!.Value = Volume), "another domain"),
        ["definition's disk"] = (static order => Change(order, static domain => Disk(domain).Element("source")!.SetAttributeValue("file", "/etc/shadow")), "/etc/shadow"),
        ["definition's device"] = (static order => Change(order, static domain => Disk(domain).SetAttributeValue("type", "block")), "<disk type='block'>"),
        ["definition's network disk"] = (static order => Change(order, static domain => Disk(domain).SetAttributeValue("type", "network")), "<disk type='network'>"),
        ["definition's folder"] = (static order => Add(order, "<filesystem type='mount'><source dir='/'/><target dir='all'/></filesystem>"), "<filesystem"),
        ["definition's host device"] = (static order => Add(order, "<hostdev mode='subsystem' type='pci'/>"), "<hostdev"),
        ["definition's kernel"] = (static order => Change(order, static domain => domain.Element("os")!.Element("kernel")!.Value = "/etc/shadow"), "/etc/shadow"),
        ["definition's variables"] = (static order => Change(order, static domain => domain.Element("os")!.Element("nvram")!.Value = "/etc/passwd"), "/etc/passwd"),
        ["definition's log"] = (static order => Change(order, static domain => domain.Descendants("log").Single().SetAttributeValue("file", "/root/.ssh/authorized_keys")), "/root/.ssh/authorized_keys"),
        ["definition's program"] = (static order => Change(order, static domain => domain.Descendants("emulator").Single().Value = "/tmp/evil"), "/tmp/evil"),
        ["definition's program by a way round"] = (static order => Change(order, static domain => domain.Descendants("emulator").Single().Value += "/../../../tmp/evil"), "/usr/bin/qemu-system-x86_64/../../../tmp/evil"),
        ["definition's bridge"] = (static order => Change(order, static domain => domain.Descendants("interface").Single().Element("source")!.SetAttributeValue("bridge", "br0")), "<interface type='bridge'>"),
        ["definition's card"] = (static order => Change(order, static domain => domain.Descendants("interface").Single().SetAttributeValue("type", "direct")), "<interface type='direct'>"),
        ["definition's script"] = (static order => Change(order, static domain => domain.Descendants("interface").Single().Add(new XElement("script", new XAttribute("path", "x")))), "<interface type='bridge'>"),
        ["definition's arguments"] = (static order => Change(order, static domain => domain.Elements().Last(static part => part.Name.LocalName == "commandline").Elements().Last().SetAttributeValue("value", "-incoming")), "<commandline>"),
        ["definition's environment"] = (static order => Change(order, static domain => domain.Elements().Last(static part => part.Name.LocalName == "commandline").Add(new XElement(Pulumi.Blanket.Libvirt.Xml.DomainDefinition.QemuNamespace + "env"))), "<commandline>"),
        ["definition's socket"] = (static order => Change(order, static domain => domain.Descendants("channel").Single().Add(new XElement("source", new XAttribute("mode", "connect"), new XAttribute("path", "/run/docker.sock")))), "<channel type='unix'>"),
        ["definition's serial port"] = (static order => Change(order, static domain => domain.Element("devices")!.Element("serial")!.SetAttributeValue("type", "file")), "<serial type='file'>"),
        ["definition's text beside elements"] = (static order => Change(order, static domain => domain.Element("os")!.Element("nvram")!.ReplaceWith(new XElement("nvram", "/etc/cron.d/x", new XElement("y")))), "text beside elements"),
        ["definition's variables in another's place"] = (static order => Change(order, domain => domain.Element("os")!.Element("nvram")!.Value = order.Disks[0].Path), "firmware variables"),
        ["definition's disk in place of a program"] = (static order => Change(order, static domain => Disk(domain).Element("source")!.SetAttributeValue("file", "/usr/share/OVMF/OVMF_CODE_4M.fd")), "/usr/share/OVMF/OVMF_CODE_4M.fd"),
        ["definition's backing store"] = (static order => Change(order, static domain => Disk(domain).Add(XElement.Parse("<backingStore type='volume'><source pool='default' volume='other'/></backingStore>"))), "<disk type='file'>"),
        ["definition's domain of another VM"] = (static order => Change(order, static domain => domain.Element("name")!.Value = "web-11b96858"), "another domain"),
        ["definition's security"] = (static order => Change(order, static domain => domain.Add(new XElement("seclabel", new XAttribute("type", "none")))), "<seclabel>"),
    };

    public static TheoryData<string> Names => [.. Orders.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void WhatIsNoneIsRefused(string what)
    {
        var (spoil, expected) = Orders[what];
        var fault = Assert.Throws<AgentException>(() => Check(spoil));
        Assert.Equal(AgentFault.BadRequest, fault.Fault);
        Assert.StartsWith("gcp-1 orders a move that can't be: ", fault.Message, StringComparison.Ordinal);
        Assert.Contains(expected, fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AVmThatWasGivenAnotherNameKeepsItsDomains() => Check(static order =>
    {
        order.Spec.Name = order.Name = "shop";
    });

    /// <summary>libvirt starts a suspended VM with the definition in the file of its memory, whatever was defined.</summary>
    [Theory]
    [InlineData("as it is", null)]
    [InlineData("as it is, with a cookie", null)]
    [InlineData("disk of the host", "/etc/shadow")]
    [InlineData("another partition", "/system.slice")]
    [InlineData("no label", "<seclabel>")]
    [InlineData("another version", "none of libvirt's")]
    [InlineData("no magic", "none of libvirt's")]
    [InlineData("a cookie elsewhere", "none of libvirt's")]
    [InlineData("another encoding", "none of libvirt's")]
    [InlineData("no end", "none of libvirt's")]
    [InlineData("no text", "no text")]
    [InlineData("too long", "none of libvirt's")]
    [InlineData("cut", "it is cut")]
    [InlineData("hidden behind the end", "no domain's XML")]
    public void WhatStartsFromSavedMemoryIsTheSameVm(string what, string? expected)
    {
        var order = Order();
        var definition = order.Definition;
        Change(order, domain =>
        {
            // What libvirt 9.0 adds when it saves it, on a host with AppArmor.
            domain.Add(new XElement("resource", new XElement("partition", what == "another partition" ? "/system.slice" : "/machine")));
            domain.Add(new XElement("seclabel", new XAttribute("type", "dynamic"), new XAttribute("model", "apparmor"), new XAttribute("relabel", what == "no label" ? "no" : "yes")));
            if (what == "disk of the host")
            {
                Disk(domain).Element("source")!.SetAttributeValue("file", "/etc/shadow");
            }
        });
        (definition, order.Definition) = (order.Definition, definition);

        var data = System.Text.Encoding.UTF8.GetBytes(what switch
        {
            "as it is, with a cookie" or "a cookie elsewhere" => definition + "\0<cookie/>\0",
            "another encoding" => "<?xml version='1.0' encoding='UTF-7'?>" + definition + "\0",
            "no end" => definition,
            "hidden behind the end" => "<domain/\0" + definition,
            _ => definition + "\0",
        });
        if (what == "no text")
        {
            data[^2] = 0xff;
        }

        using MemoryStream file = new();
        using (BinaryWriter writer = new(file, System.Text.Encoding.UTF8, leaveOpen: true))
        {
            writer.Write(what == "no magic" ? "LibvirtQemudPart"u8 : "LibvirtQemudSave"u8);
            writer.Write(what == "another version" ? 3 : 2);
            writer.Write(what == "too long" ? int.MaxValue : data.Length);
            writer.Write(0L); // was_running, compressed
            writer.Write(what switch
            {
                "as it is, with a cookie" => Array.IndexOf(data, (byte)0) + 1,
                "a cookie elsewhere" => data.Length + 1,
                _ => 0,
            });
            writer.Write(new byte[56]);
            writer.Write(data, 0, what == "cut" ? data.Length / 2 : data.Length);
        }

        file.Position = 0;
        RequestFaults faults = new();
        SavedMemory.Check(order, file, faults);
        if (expected is null)
        {
            faults.ThrowIfAny("");
            return;
        }

        Assert.Contains(expected, Assert.Throws<AgentException>(() => faults.ThrowIfAny("it is refused")).Message, StringComparison.Ordinal);
    }

    private static void Check(Action<MoveOrder> change)
    {
        var order = Order();
        change(order);
        MoveOrderCheck.Check(order, Source, Self, Facts());
    }

    private static FabricFacts Facts() => new()
    {
        FabricId = "fabric00test",
        Settings = new FabricSettings { Name = "blue", Layer = Layer.Qemu, Architecture = "x86_64", MachineType = "pc-q35-7.2", CpuModel = "qemu64" },
        Members = { new Member { MachineId = Source, Settings = new HostSettings { Name = "gcp-1" } }, new Member { MachineId = Self, Settings = new HostSettings { Name = "aws-1" } } },
        Networks = { new NetworkFacts { Vni = 3, Mtu = 1330 } },
        Machines = { new MachineClaim { Uuid = Uuid, Name = "web", Member = Source, MovingTo = Self, Leases = { Lease } } },
    };

    private static MoveOrder Order()
    {
        MachineSpec spec = new()
        {
            Name = "web",
            Vcpus = 1,
            MemoryMib = 128,
            Firmware = Firmware.Uefi,
            Boot = new BootSpec { Kernel = Image, Initrd = Image, Cmdline = "root=/dev/vda" },
            Nics = { new NicSpec { Vni = 3 } },
            Disks = { new DiskSpec { Image = Image }, new DiskSpec { Volume = Volume } },
        };
        var disks = MachineDisks.Match(Uuid, new MachineRecord { Spec = new MachineSpec() }, spec);
        MachineRecord record = new() { Spec = spec, Leases = { Lease }, Disks = { disks.Disks }, HasSeed = true };
        return new()
        {
            FabricId = "fabric00test",
            Uuid = Uuid,
            Number = Guid.Empty.ToString("n"),
            Source = Source,
            Target = Self,
            SettledHost = "aws-1",
            Mode = MoveMode.Cold,
            End = MoveEnd.Started,
            Name = "web",
            Spec = spec,
            Leases = { Lease },
            HasSeed = true,
            Offline = true,
            Volumes = { new VolumeSpec { Uuid = Volume, SizeGib = 1 } },
            Disks = { new MovedDisk { Path = disks.Disks[0].Path, SizeBytes = 1 << 20, Image = Image }, new MovedDisk { Path = disks.Disks[1].Path, SizeBytes = 1 << 30 } },
            Definition = AsLibvirtKeepsIt(MachineDomain.Define(Uuid, new MachineMetadata("fabric00test", "urn", MachinePhase.Ready, "gcp-1", record), Facts()).ToXml()).ToString(),
        };
    }

    /// <summary>What libvirt 9.0 adds to a definition of ours.</summary>
    private static XElement AsLibvirtKeepsIt(XElement domain)
    {
        domain.Element("os")!.Add(
            new XElement("loader", new XAttribute("readonly", "yes"), new XAttribute("type", "pflash"), "/usr/share/OVMF/OVMF_CODE_4M.fd"),
            new XElement("nvram", new XAttribute("template", "/usr/share/OVMF/OVMF_VARS_4M.fd"), "/var/lib/libvirt/qemu/nvram/web-08b96858_VARS.fd"));
        var devices = domain.Element("devices")!;
        devices.AddFirst(new XElement("emulator", "/usr/bin/qemu-system-x86_64"));
        devices.Add(
            new XElement("console", new XAttribute("type", "pty"), new XElement("target", new XAttribute("type", "serial"), new XAttribute("port", 0))),
            new XElement("input", new XAttribute("type", "mouse"), new XAttribute("bus", "ps2")), new XElement("input", new XAttribute("type", "keyboard"), new XAttribute("bus", "ps2")),
            new XElement("audio", new XAttribute("id", 1), new XAttribute("type", "none")), new XElement("watchdog", new XAttribute("model", "itco"), new XAttribute("action", "reset")));
        foreach (var device in devices.Elements().Where(static device => device.Name != "emulator"))
        {
            device.Add(new XElement("address", new XAttribute("type", "pci"), new XAttribute("domain", "0x0000"), new XAttribute("bus", "0x00")));
        }

        domain.Add(new XElement("pm", new XElement("suspend-to-mem", new XAttribute("enabled", "no"))));
        return domain;
    }

    private static XElement Disk(XElement domain) => domain.Descendants("disk").First();

    private static void Add(MoveOrder order, string device) => Change(order, domain => domain.Element("devices")!.Add(XElement.Parse(device)));

    private static void Change(MoveOrder order, Action<XElement> change)
    {
        var domain = XElement.Parse(order.Definition);
        change(domain);
        order.Definition = domain.ToString();
    }
}
