using System.Xml.Linq;
using Pulumi.Blanket.Libvirt.Errors;
using Pulumi.Blanket.Libvirt.Migration;
using Pulumi.Blanket.Libvirt.Parameters;
using Pulumi.Blanket.Libvirt.Xml;

namespace Pulumi.Blanket.Libvirt.Tests;

public sealed class XmlTests
{
    private static readonly DomainDefinition Full = new()
    {
        Name = "web-1-0a1b2c3d",
        Uuid = Guid.Parse("0a1b2c3d-4455-6677-8899-aabbccddeeff"),
        Type = DomainType.Qemu,
        MemoryMiB = 512,
        CurrentMemoryMiB = 256,
        Vcpus = 1,
        MaxVcpus = 4,
        MachineType = "pc-q35-7.2",
        Boot = new DirectBoot("/srv/vmlinuz", "/srv/initrd", "console=ttyS0 a<b & \"c\""),
        Cpu = new CpuDefinition(CpuMode.Custom, "Westmere") { Features = new Dictionary<string, bool> { ["aes"] = true, ["vmx"] = false } },
        Disks = [new DiskDefinition("/srv/a'b.qcow2", "vda") { Discard = true, Serial = "root", Backing = new BackingDefinition("/srv/base", "raw") }, new DiskDefinition("/srv/seed.iso", "sda") { Device = DiskDevice.Cdrom, Bus = "sata", Format = "raw", ReadOnly = true, Cache = null }],
        Interfaces = [new InterfaceDefinition("bk1", "52:54:00:12:34:56") { Mtu = 1370, Device = "tap7" }],
        ConsoleLog = "/var/log/console",
        AgentChannel = true,
        Metadata = [new XElement(XName.Get("vm", "urn:example"), new XElement(XName.Get("label", "urn:example"), "<&>"))],
    };

    [Fact]
    public void A_definition_comes_back()
    {
        var read = DomainDefinition.FromXml(LibvirtXml.Parse(LibvirtXml.ToText(Full.ToXml())));
        Assert.Equal(LibvirtXml.ToText(Full.ToXml()), LibvirtXml.ToText(read.ToXml()));
        Assert.Equal("console=ttyS0 a<b & \"c\"", read.Boot!.CommandLine);
        Assert.Equal((256, 4, "/srv/a'b.qcow2"), (read.CurrentMemoryMiB, read.MaxVcpus, read.Disks[0].Path));
    }

    [Theory]
    [InlineData("MiB", "128", 128)]
    [InlineData("KiB", "131072", 128)]
    [InlineData(null, "131072", 128)]
    [InlineData("GB", "1", 953)]
    [InlineData("bytes", "134217728", 128)]
    public void Sizes_have_units(string? unit, string size, int expected)
        => Assert.Equal(expected, SizeUnits.ToMiB(new XElement("memory", unit is null ? null : new XAttribute("unit", unit), size)));

    [Theory]
    [InlineData("<!DOCTYPE a [<!ENTITY b \"c\">]><a>&b;</a>")]
    [InlineData("<a>")]
    [InlineData("no XML")]
    public void What_is_no_plain_XML_is_a_protocol_fault(string text)
        => Assert.Equal(LibvirtFault.Protocol, Assert.Throws<LibvirtException>(() => LibvirtXml.Parse(text)).Fault);

    [Fact]
    public void Migration_parameters_have_libvirts_names_and_types()
    {
        MigrationParameters parameters = new()
        {
            MigrateUri = "tcp://10.0.0.2",
            ListenAddress = "10.0.0.2",
            Disks = ["vda", "vdb"],
            BandwidthMiBps = 40,
            ParallelConnections = 2,
            PersistentXml = new XElement("domain"),
        };
        Assert.Equal(
            ["migrate_uri=tcp://10.0.0.2", "listen_address=10.0.0.2", "migrate_disks=vda", "migrate_disks=vdb", "bandwidth=40", "persistent_xml=<domain />", "parallel.connections=2"],
            parameters.ToParameters().Select(parameter => parameter.ToString()));
        Assert.Equal(TypedParameterKind.Unsigned64, parameters.ToParameters().Find("bandwidth")!.Value.Kind);
        Assert.Equal(TypedParameterKind.Signed32, parameters.ToParameters().Find("parallel.connections")!.Value.Kind);
    }
}
