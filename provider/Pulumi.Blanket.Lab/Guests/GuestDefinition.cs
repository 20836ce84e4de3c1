using System.Xml.Linq;
using Pulumi.Blanket.Lab.Hosts;

namespace Pulumi.Blanket.Lab.Guests;

/// <summary>A tiny guest that runs on a host by plain libvirt means.</summary>
public sealed record GuestDefinition
{
    public required string Name { get; init; }

    /// <summary>1 to 150: gives the guest its MAC address, and an address on the <see cref="GuestNetwork"/>.</summary>
    public required int Number { get; init; }

    public int MemoryMiB { get; init; } = 128;

    /// <summary>True boots kernel and initramfs directly, with a blank disk; false boots the disk image.</summary>
    public bool DirectKernel { get; init; }

    /// <summary>Null: no seed, the guest asks by DHCP.</summary>
    public GuestSeed? Seed { get; init; }

    public string Bridge { get; init; } = GuestNetwork.Bridge;

    public string Mac => $"52:54:00:99:00:{Number:x2}";

    internal const string ImageFolder = "/var/lib/libvirt/images";

    internal string DiskFile => $"{ImageFolder}/{Name}.qcow2";

    internal string SeedFile => $"{ImageFolder}/{Name}-seed.iso";

    internal string ConsoleFile => $"{ImageFolder}/{Name}.console";

    private static readonly XNamespace QemuNamespace = "http://libvirt.org/schemas/domain/qemu/1.0";

    /// <summary>The domain as libvirt reads it: software emulation, so that it runs on every machine.</summary>
    internal XElement ToDomain() => new("domain", new XAttribute("type", "qemu"),
        new XElement("name", Name),
        new XElement("memory", new XAttribute("unit", "MiB"), MemoryMiB),
        new XElement("vcpu", 1),
        new XElement("os",
            new XElement("type", new XAttribute("arch", "x86_64"), new XAttribute("machine", "pc"), "hvm"),
            DirectKernel
                ? [new XElement("kernel", $"{LabHost.GuestFolder}/vmlinuz"), new XElement("initrd", $"{LabHost.GuestFolder}/initrd"), new XElement("cmdline", "console=ttyS0 quiet panic=1 no_timer_check mitigations=off cryptomgr.notests")]
                : (object[])[new XElement("boot", new XAttribute("dev", "hd"))]),
        new XElement("features", new XElement("acpi")),
        new XElement("devices",
            new XElement("disk", new XAttribute("type", "file"), new XAttribute("device", "disk"),
                new XElement("driver", new XAttribute("name", "qemu"), new XAttribute("type", "qcow2"), new XAttribute("cache", "none")),
                new XElement("source", new XAttribute("file", DiskFile)),
                new XElement("target", new XAttribute("dev", "vda"), new XAttribute("bus", "virtio"))),
            Seed is null ? null : new XElement("disk", new XAttribute("type", "file"), new XAttribute("device", "cdrom"),
                new XElement("driver", new XAttribute("name", "qemu"), new XAttribute("type", "raw")),
                new XElement("source", new XAttribute("file", SeedFile)),
                new XElement("target", new XAttribute("dev", "hda"), new XAttribute("bus", "ide")),
                new XElement("readonly")),
            new XElement("interface", new XAttribute("type", "bridge"),
                new XElement("mac", new XAttribute("address", Mac)),
                new XElement("source", new XAttribute("bridge", Bridge)),
                new XElement("model", new XAttribute("type", "virtio"))),
            new XElement("serial", new XAttribute("type", "file"),
                new XElement("source", new XAttribute("path", ConsoleFile), new XAttribute("append", "on")),
                new XElement("target", new XAttribute("port", 0))),
            new XElement("memballoon", new XAttribute("model", "virtio"))),
        OddMemory());

    // Under software emulation, QEMU before 9.0 loses writes to memory during a live migration: it clears its dirty bitmap in words of 64 pages
    // without telling the emulator's TLB (fixed upstream in March 2024). Memory that is no multiple of 64 pages is cleared page by page, and
    // that way is right. libvirt rounds to whole MiB, so 8 KiB more are given past it.
    private XElement OddMemory()
    {
        var bytes = (MemoryMiB * 1024L * 1024) + 8192;
        string[] arguments = ["-object", $"memory-backend-ram,id=odd,size={bytes}", "-machine", "memory-backend=odd", "-m", $"{bytes / 1024}k"];
        return new XElement(QemuNamespace + "commandline", arguments.Select(argument => new XElement(QemuNamespace + "arg", new XAttribute("value", argument))));
    }
}
