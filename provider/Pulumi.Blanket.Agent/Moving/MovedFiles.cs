using System.Xml.Linq;
using Pulumi.Blanket.Contract;

namespace Pulumi.Blanket.Agent.Moving;

/// <summary>The files that a machine consists of while it is off, in the same order on both sides of its move. Those that are not there are left out of it. Pure.</summary>
internal static class MovedFiles
{
    /// <summary>Where libvirt keeps what was in a machine's memory (<c>qemuDomainManagedSavePath</c>); it goes on from there with the next start.</summary>
    private const string SavedMemoryFolder = "/var/lib/libvirt/qemu/save";

    public const string FirmwareVariablesFolder = "/var/lib/libvirt/qemu/nvram";

    /// <summary>A qcow2 disk's own tables are less than a 256th of it (docs/interop/qcow2.txt of QEMU: 8 bytes of L2 and 2 of references for each cluster of 64 KiB), but for what stands at its start.</summary>
    private const int TablesShift = 8;

    private const long Slack = 64L << 20;

    /// <summary>Video memory and the like, in what libvirt saves beside the guest's memory.</summary>
    private const long MostDeviceBytes = 1L << 30;

    /// <summary>The disks, the firmware's variables where it has some, and its memory.</summary>
    public static IReadOnlyList<string> Of(MoveOrder order)
        => [.. order.Disks.Select(disk => disk.Path), FirmwareVariables(order.Definition), SavedMemory(order.Definition)];

    /// <summary>Those that neither the pool nor the volumes' folder has.</summary>
    public static IEnumerable<string> OfLibvirt(MoveOrder order) => Of(order).Skip(order.Disks.Count).Where(static path => path.Length > 0);

    /// <summary>How long one of them can become.</summary>
    /// <param name="index">Its place in <see cref="Of"/>.</param>
    public static long MostBytes(MoveOrder order, int index)
        => index < order.Disks.Count ? order.Disks[index].SizeBytes + (order.Disks[index].SizeBytes >> TablesShift) + Slack
            : index == order.Disks.Count ? Slack
            : (Machines.MachineDomain.MaxMemoryOf(order.Spec) << 20) * 2 + MostDeviceBytes;

    public static string SavedMemory(string definition) => $"{SavedMemoryFolder}/{XElement.Parse(definition).Element("name")!.Value}.save";

    /// <summary>Where libvirt chooses the firmware, older ones (9.0) don't say in the definition where the variables are (<c>qemuDomainNVRAMPathFormat</c>).</summary>
    private static string FirmwareVariables(string definition)
    {
        var domain = XElement.Parse(definition);
        var system = domain.Element("os");
        return system?.Element("nvram")?.Value is { Length: > 0 } path ? path
            : (string?)system?.Attribute("firmware") == "efi" ? $"{FirmwareVariablesFolder}/{domain.Element("name")!.Value}_VARS.fd" : "";
    }
}
