using System.Xml.Linq;
using Pulumi.Blanket.Agent.Hypervisor;
using Pulumi.Blanket.Agent.Images;
using Pulumi.Blanket.Agent.Machine;
using Pulumi.Blanket.Contract;
using Pulumi.Blanket.Libvirt.Xml;

namespace Pulumi.Blanket.Agent.Machines;

/// <summary>What a machine is, as opposed to what was wished: its specification with all that others may have changed put right.</summary>
internal sealed class MachineReader(HostLibvirt libvirt)
{
    public async Task<MachineView> ViewAsync(FoundMachine machine, CancellationToken cancellationToken)
    {
        MachineView view = new()
        {
            Uuid = machine.Uuid,
            Urn = machine.Metadata.Urn,
            Phase = machine.Metadata.Phase,
            State = machine.State,
            Spec = SpecOf(machine),
            Location = MachineFacts.MachineId,
            SettledHost = machine.Metadata.SettledHost,
            LastMove = machine.Record.LastMove,
            Leases = { machine.Record.Leases },
        };
        if (CloudInitStore.Read(machine.Metadata.FabricId, machine.Uuid) is { } cloudInit)
        {
            view.Spec.CloudInit = cloudInit;
        }

        if (HasGuestAgent(machine))
        {
            view.GuestAddresses.AddRange(await GuestAgent.ReadAddressesAsync(await libvirt.GetAsync(cancellationToken), machine.Domain, cancellationToken));
        }

        return view;
    }

    private static MachineSpec SpecOf(FoundMachine machine)
    {
        var spec = machine.Record.Spec.Clone();
        var definition = DomainDefinition.FromXml(machine.Defined);
        var running = machine.Live is null ? definition : DomainDefinition.FromXml(machine.Live);
        spec.Running = machine.State is MachineState.Running or MachineState.Paused;
        spec.Vcpus = running.Vcpus;
        spec.MemoryMib = definition.CurrentMemoryMiB ?? definition.MemoryMiB;
        var maxVcpus = definition.MaxVcpus ?? definition.Vcpus;
        spec.MaxVcpus = spec.MaxVcpus > 0 || maxVcpus != spec.Vcpus ? maxVcpus : 0;
        spec.MaxMemoryMib = spec.MaxMemoryMib > 0 || definition.MemoryMiB != spec.MemoryMib ? definition.MemoryMiB : 0;

        ReadDisks(machine, spec);
        var macs = Macs(machine.Live ?? machine.Defined);
        for (var place = machine.Record.Leases.Count - 1; place >= 0; place--)
        {
            if (!macs.Contains(machine.Record.Leases[place].Mac))
            {
                spec.Nics.RemoveAt(place);
            }
        }

        return spec;
    }

    // One that is not there any more is left out; one that somebody grew has its size.
    private static void ReadDisks(FoundMachine machine, MachineSpec spec)
    {
        var paths = MachineCatalog.DiskPaths(machine.Live ?? machine.Defined).ToHashSet(StringComparer.Ordinal);
        for (var index = machine.Record.Disks.Count - 1; index >= 0; index--)
        {
            var disk = machine.Record.Disks[index];
            if (!paths.Contains(disk.Path) || QemuImage.ReadSize(disk.Path) is not { } size)
            {
                spec.Disks.RemoveAt(index);
            }
            else if (disk.Own && size != disk.SizeBytes)
            {
                spec.Disks[index].SizeGib = (size + (1L << 30) - 1) >> 30;
            }
        }
    }

    public static HashSet<string> Macs(XElement domain)
        => (domain.Element("devices")?.Elements("interface") ?? []).Select(card => (string?)card.Element("mac")?.Attribute("address")).OfType<string>().ToHashSet(StringComparer.OrdinalIgnoreCase);

    // QEMU knows whether somebody in the guest has the channel open, so that a guest without an agent is not waited for.
    private static bool HasGuestAgent(FoundMachine machine)
        => (machine.Live?.Element("devices")?.Elements("channel") ?? []).Any(channel => (string?)channel.Element("target")?.Attribute("state") == "connected");
}
