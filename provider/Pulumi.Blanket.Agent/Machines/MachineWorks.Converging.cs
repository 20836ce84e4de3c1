using System.Xml.Linq;
using Pulumi.Blanket.Agent.Images;
using Pulumi.Blanket.Contract;
using Pulumi.Blanket.Libvirt;
using Pulumi.Blanket.Libvirt.Domains;
using Pulumi.Blanket.Libvirt.Errors;
using Pulumi.Blanket.Libvirt.Xml;

namespace Pulumi.Blanket.Agent.Machines;

// Bringing a machine that exists to what is wished, step by step: each looks at what there is, so that one that was cut is carried on.
internal sealed partial class MachineWorks
{
    private async Task<MachineView> ConvergeAsync(FoundMachine found, MachineClaim claim, MachineSpec spec, FabricFacts facts, IMachineTeller teller, CancellationToken cancellationToken)
    {
        var open = spec.Clone();
        open.CloudInit = null;
        var changes = MachineChanges.Plan(found, open, claim.Leases);
        RefuseLoss(changes, spec);
        if (found.IsActive)
        {
            RefuseRestart(changes, spec);
        }

        foreach (var sha256 in MachineImages.Of(spec))
        {
            await images.EnsureAsync(sha256, teller.Progress, cancellationToken);
        }

        if (found.IsActive && (!spec.Running || changes.NeedRestart.Count > 0))
        {
            await ShutDownAsync(found, teller, cancellationToken);
            found = await catalog.FindAsync(claim.Uuid, cancellationToken) ?? throw new AgentException(AgentFault.NotPossible, $"{spec.Name} is gone since it shut down: somebody removed it");
            changes = MachineChanges.Plan(found, open, claim.Leases);
        }

        await ApplyAsync(found, changes, spec, facts, teller, cancellationToken);
        CloudInitStore.Write(facts.FabricId, claim.Uuid, spec.CloudInit);
        if (changes.Record.HasSeed || Seed.IsNeeded(spec))
        {
            Seed.Write(claim.Uuid, spec, claim.Leases, facts);
            if (!changes.Record.HasSeed)
            {
                await AttachAsync(await libvirt.GetAsync(cancellationToken), found, MachineDomain.SeedDisk(claim.Uuid).ToXml(), "seed", found.IsActive ? DomainScope.Both : DomainScope.Config, cancellationToken);
                changes.Record.HasSeed = true;
            }

            if (changes.ChangesAddresses && found.IsActive)
            {
                teller.Warn($"{spec.Name} has other addresses from now on; a guest that reads its seed at its first start only has to be told of them");
            }
        }

        await catalog.WriteAsync(found, found.Metadata with { Urn = claim.Urn, Phase = MachinePhase.Ready, Record = changes.Record, SettledHost = spec.Host }, cancellationToken);
        RemoveDiskFiles(changes);
        return await SettleAsync(claim.Uuid, spec, teller, cancellationToken);
    }

    private async Task ApplyAsync(FoundMachine found, MachineChanges changes, MachineSpec spec, FabricFacts facts, IMachineTeller teller, CancellationToken cancellationToken)
    {
        var client = await libvirt.GetAsync(cancellationToken);
        var scope = found.IsActive ? DomainScope.Both : DomainScope.Config;
        if (changes.NeedRestart.Count > 0)
        {
            await client.DefineDomainAsync(Redefine(found, changes, spec, facts), cancellationToken: cancellationToken);
        }

        await ResizeAsync(client, found, spec, scope, cancellationToken);
        foreach (var mac in changes.RemovedCards)
        {
            teller.Say($"taking out the network card {mac}");
            await DetachAsync(client, found, "interface", card => string.Equals((string?)card.Element("mac")?.Attribute("address"), mac, StringComparison.OrdinalIgnoreCase), $"network card {mac}", scope, cancellationToken);
        }

        foreach (var disk in changes.RemovedDisks)
        {
            teller.Say($"taking out the disk {disk.Target}");
            await DetachAsync(client, found, "disk", candidate => (string?)candidate.Element("source")?.Attribute("file") == disk.Path, $"disk {disk.Target}", scope, cancellationToken);
        }

        foreach (var (disk, size) in changes.GrownDisks)
        {
            teller.Say($"growing the disk {disk.Target}");
            await GrowAsync(client, found, disk, size, cancellationToken);
            disk.SizeBytes = size;
        }

        foreach (var (diskSpec, disk) in changes.AddedDisks)
        {
            teller.Say($"adding the disk {disk.Target}");
            if (QemuImage.ReadSize(disk.Path) is null)
            {
                await MakeDiskAsync(diskSpec, disk, facts, cancellationToken);
            }

            disk.SizeBytes = QemuImage.ReadSize(disk.Path) ?? 0;
            var isBootDisk = spec.Boot is null && changes.Record.Disks[0] == disk;
            await AttachAsync(client, found, (MachineDomain.Disk(diskSpec, disk, facts) with { BootOrder = isBootDisk ? 1 : null }).ToXml(), $"disk {disk.Target}", scope, cancellationToken);
        }

        foreach (var lease in changes.AddedCards)
        {
            teller.Say($"adding a network card with {lease.Address}");
            await AttachAsync(client, found, MachineDomain.Card(lease, facts).ToXml(), $"network card {lease.Mac}", scope, cancellationToken);
        }
    }

    /// <summary>What can't be changed by itself is changed in the definition, whose other parts, places of devices included, stay as they are.</summary>
    private static XElement Redefine(FoundMachine found, MachineChanges changes, MachineSpec spec, FabricFacts facts)
    {
        var record = changes.Record.Clone();
        var wanted = MachineDomain.Define(found.Uuid, found.Metadata with { Record = record }, facts).ToXml();
        XElement xml = new(found.Defined);
        foreach (var name in new[] { "memory", "currentMemory", "vcpu", "os" })
        {
            xml.Element(name)?.ReplaceWith(wanted.Element(name));
        }

        xml.Element(DomainDefinition.QemuNamespace + "commandline")?.Remove();
        xml.Add(wanted.Element(DomainDefinition.QemuNamespace + "commandline"));
        var disks = wanted.Element("devices")!.Elements("disk").ToDictionary(disk => (string?)disk.Element("source")?.Attribute("file") ?? "");
        foreach (var disk in xml.Element("devices")!.Elements("disk").ToList())
        {
            if (!disks.TryGetValue((string?)disk.Element("source")?.Attribute("file") ?? "", out var other))
            {
                continue;
            }

            // On another bus it has another place.
            if ((string?)disk.Element("target")?.Attribute("bus") != (string?)other.Element("target")?.Attribute("bus"))
            {
                var index = spec.Disks.Zip(record.Disks).ToList().FindIndex(pair => pair.Second.Path == (string?)disk.Element("source")?.Attribute("file"));
                var prefix = spec.Disks[index].Bus is "scsi" or "sata" ? "sd" : "vd";
                record.Disks[index].Target = prefix + record.Disks[index].Target[2..];
                changes.Record.Disks[index].Target = record.Disks[index].Target;
                var moved = MachineDomain.Disk(spec.Disks[index], record.Disks[index], facts).ToXml();
                moved.Add(disk.Element("boot"));
                disk.ReplaceWith(moved);
                continue;
            }

            disk.Element("boot")?.Remove();
            disk.Add(other.Element("boot"));
        }

        if (spec.Disks.Any(disk => disk.Bus == "scsi") && xml.Element("devices")!.Elements("controller").All(controller => (string?)controller.Attribute("type") != "scsi"))
        {
            xml.Element("devices")!.Add(new XElement("controller", new XAttribute("type", "scsi"), new XAttribute("index", 0), new XAttribute("model", "virtio-scsi")));
        }

        return xml;
    }

    private async Task ResizeAsync(LibvirtClient client, FoundMachine found, MachineSpec spec, DomainScope scope, CancellationToken cancellationToken)
    {
        var defined = DomainDefinition.FromXml(found.Defined);
        var live = found.Live is null ? defined : DomainDefinition.FromXml(found.Live);
        if (defined.Vcpus != spec.Vcpus || live.Vcpus != spec.Vcpus)
        {
            await GuardAsync(() => SetVcpusAsync(client, found, spec.Vcpus, cancellationToken),
                $"vcpus could not be changed to {spec.Vcpus} while {spec.Name} runs", "stop it first (`running: false`), or change it later");
        }

        if ((defined.CurrentMemoryMiB ?? defined.MemoryMiB) != spec.MemoryMib)
        {
            await GuardAsync(() => client.SetMemoryAsync(found.Domain, (ulong)spec.MemoryMib << 10, scope, cancellationToken: cancellationToken),
                $"memoryMiB could not be changed to {spec.MemoryMib} while {spec.Name} runs", "stop it first (`running: false`), or change it later");
        }
    }

    // libvirt waits 5 s for a guest to give a processor up, which a slow one takes longer for.
    private async Task SetVcpusAsync(LibvirtClient client, FoundMachine found, int vcpus, CancellationToken cancellationToken)
    {
        await client.SetVcpusAsync(found.Domain, vcpus, DomainScope.Config, cancellationToken: cancellationToken);
        if (!found.IsActive)
        {
            return;
        }

        try
        {
            await client.SetVcpusAsync(found.Domain, vcpus, DomainScope.Live, cancellationToken: cancellationToken);
        }
        catch (LibvirtException fault) when (fault.Fault == LibvirtFault.Rejected)
        {
            for (var deadline = clock.In(clock.Timeouts.Detach); DomainDefinition.FromXml(await client.GetXmlAsync(found.Domain, cancellationToken: cancellationToken)).Vcpus != vcpus;)
            {
                if (deadline.IsOver)
                {
                    throw;
                }

                await clock.DelayAsync(clock.Timeouts.DetachPoll, cancellationToken);
            }
        }
    }

    private static async Task GrowAsync(LibvirtClient client, FoundMachine found, DiskRecord disk, long size, CancellationToken cancellationToken)
    {
        if (found.IsActive)
        {
            await GuardAsync(() => client.ResizeDiskAsync(found.Domain, disk.Path, (ulong)size, cancellationToken), $"the disk {disk.Target} could not be made larger", "see whether the host's disk is full");
            return;
        }

        await QemuImage.GrowAsync(disk.Path, size, cancellationToken);
    }

    private static Task AttachAsync(LibvirtClient client, FoundMachine found, XElement device, string what, DomainScope scope, CancellationToken cancellationToken)
        => GuardAsync(() => client.AttachDeviceAsync(found.Domain, device, scope, cancellationToken), $"the {what} could not be added",
            found.IsActive ? "a running machine has room for a few devices more; stop it (`running: false`), run `pulumi up`, and start it again" : "see the host's log of libvirtd");

    private async Task DetachAsync(LibvirtClient client, FoundMachine found, string element, Func<XElement, bool> isIt, string what, DomainScope scope, CancellationToken cancellationToken)
    {
        if (found.Defined.Element("devices")!.Elements(element).FirstOrDefault(isIt) is { } defined)
        {
            await GuardAsync(() => client.DetachDeviceAsync(found.Domain, defined, DomainScope.Config, cancellationToken), $"the {what} could not be taken out of the definition", "see the host's log of libvirtd");
        }

        if (scope == DomainScope.Config || found.Live!.Element("devices")!.Elements(element).FirstOrDefault(isIt) is not { } live)
        {
            return;
        }

        await GuardAsync(() => client.DetachDeviceAsync(found.Domain, live, DomainScope.Live, cancellationToken), $"the {what} could not be taken out", "stop the machine first (`running: false`)");
        var deadline = clock.In(clock.Timeouts.Detach);
        while ((await client.GetXmlAsync(found.Domain, cancellationToken: cancellationToken)).Element("devices")!.Elements(element).Any(isIt))
        {
            if (deadline.IsOver)
            {
                throw new AgentException(AgentFault.NotPossible,
                    $"the guest of {found.Record.Spec.Name} does not let go of the {what} within {clock.Timeouts.Detach.TotalSeconds:0} s: it may be in use there; have the guest give it up, or stop the machine first (`running: false`)");
            }

            await clock.DelayAsync(clock.Timeouts.DetachPoll, cancellationToken);
        }
    }

    private static async Task GuardAsync(Func<Task> work, string what, string remedy)
    {
        try
        {
            await work();
        }
        catch (LibvirtException fault) when (fault.Fault == LibvirtFault.Rejected)
        {
            throw new AgentException(AgentFault.NotPossible, $"{what}: {fault.LibvirtMessage ?? fault.Message}; {remedy}", fault);
        }
    }

    private static void RefuseRestart(MachineChanges changes, MachineSpec spec)
    {
        if (spec.Running && !spec.AllowRestart && changes.NeedRestart.Count > 0)
        {
            throw new AgentException(AgentFault.NotPossible,
                $"{string.Join(" and ", changes.NeedRestart)} of {spec.Name} can't change while it runs, and nothing was changed; set `allowRestart: true` to have it restarted, or `running: false` to change it while it is off");
        }
    }

    private static void RefuseLoss(MachineChanges changes, MachineSpec spec)
    {
        var lost = changes.RemovedDisks.Where(disk => disk.Own).ToList();
        if (lost.Count > 0 && !spec.ForceDestroy)
        {
            throw new AgentException(AgentFault.NotPossible,
                $"{spec.Name} would lose {string.Join(" and ", lost.Select(disk => $"its disk {disk.Target} ({disk.SizeBytes >> 20} MiB)"))} with what is on it; set `forceDestroy: true` to have that deleted, or use a Volume for what is to outlive its machine");
        }
    }

    private static void RemoveDiskFiles(MachineChanges changes)
    {
        foreach (var disk in changes.RemovedDisks.Where(disk => disk.Own))
        {
            DurableFile.Delete(disk.Path);
        }
    }
}
