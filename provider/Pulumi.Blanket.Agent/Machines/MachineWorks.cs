using Pulumi.Blanket.Agent.Fabrics;
using Pulumi.Blanket.Agent.Hypervisor;
using Pulumi.Blanket.Agent.Images;
using Pulumi.Blanket.Agent.Registry;
using Pulumi.Blanket.Agent.Timing;
using Pulumi.Blanket.Contract;
using Pulumi.Blanket.Libvirt.Domains;
using Pulumi.Blanket.Libvirt.Errors;

namespace Pulumi.Blanket.Agent.Machines;

/// <summary>
/// Makes, changes and removes machines. The domain is defined before anything of the machine is made and undefined after everything of it is
/// gone, so that whatever was cut in between is found by it. One that is still <c>creating</c> never ran: its making begins anew.
/// </summary>
internal sealed partial class MachineWorks(
    FabricStore fabrics, FactsCatchUp catchUp, HostLibvirt libvirt, MachineCatalog catalog, MachineReader reader, ImageJobs images, PendingReleases releases, IOpenMoves moves, KeyedLocks locks, AgentClock clock) : IDisposable
{
    /// <summary>Starting a machine takes a processor for a moment; more at once only make each wait.</summary>
    private const int MostAtOnce = 4;

    private readonly SemaphoreSlim _places = new(MostAtOnce);

    /// <returns>Null where it is not here. One that was handed over, and that the target does not have yet, is still told by this member.</returns>
    public async Task<MachineView?> ViewAsync(string uuid, CancellationToken cancellationToken)
        => moves.FindCarried(uuid) ?? (await catalog.FindAsync(uuid, cancellationToken) is { } found ? await reader.ViewAsync(found, cancellationToken) : moves.FindLeaving(uuid));

    public async Task<IReadOnlyList<MachineView>> ListAsync(CancellationToken cancellationToken)
        => await Task.WhenAll((await catalog.ListAsync(cancellationToken)).Select(found => reader.ViewAsync(found, cancellationToken)));

    /// <exception cref="AgentException">It can't be made; nothing of it is left then, and what it held is given back.</exception>
    public async Task<MachineView> CreateAsync(MachineClaim claim, MachineSpec spec, IMachineTeller teller, CancellationToken cancellationToken)
    {
        MachineRequestCheck.Check(claim, spec);
        var facts = await KnowAsync(claim, cancellationToken);
        await RefuseFirmwareAsync(spec, facts, cancellationToken);
        using (await locks.TakeAsync(claim.Uuid, cancellationToken))
        {
            RefuseWhileMoving(claim.Uuid);

            // What a former attempt gave back is held anew.
            releases.Done(facts.FabricId, [claim.Uuid]);
            var found = await catalog.FindAsync(claim.Uuid, cancellationToken);
            if (found is { Metadata.Phase: not MachinePhase.Creating })
            {
                RefuseForeign(found, claim);
                return await ConvergeAsync(found, claim, spec, facts, teller, cancellationToken);
            }

            try
            {
                await MakeAsync(claim, spec, facts, found, teller, cancellationToken);
            }
            catch
            {
                await UndoAsync(facts, claim.Uuid);
                throw;
            }

            return await SettleAsync(claim.Uuid, spec, teller, cancellationToken);
        }
    }

    /// <exception cref="AgentException">It can't be brought to that; where a restart is needed and not allowed, nothing was changed.</exception>
    public async Task<MachineView> UpdateAsync(MachineClaim claim, MachineSpec spec, IMachineTeller teller, CancellationToken cancellationToken)
    {
        MachineRequestCheck.Check(claim, spec);
        var facts = await KnowAsync(claim, cancellationToken);
        await RefuseFirmwareAsync(spec, facts, cancellationToken);
        using (await locks.TakeAsync(claim.Uuid, cancellationToken))
        {
            RefuseWhileMoving(claim.Uuid);
            var found = await catalog.FindAsync(claim.Uuid, cancellationToken) ?? throw new AgentException(AgentFault.NotPossible, $"{spec.Name} is not on this host any more; run `pulumi refresh`");
            return found.Metadata.Phase == MachinePhase.Creating
                ? throw new AgentException(AgentFault.NotPossible, $"{spec.Name} was never made to its end; it has to be created")
                : await ConvergeAsync(found, claim, spec, facts, teller, cancellationToken);
        }
    }

    /// <summary>Ends and removes a machine with what it made; what is gone already is no failure.</summary>
    public async Task DeleteAsync(string uuid, IMachineTeller teller, CancellationToken cancellationToken)
    {
        if (!RegistryCheck.IsUuid(uuid))
        {
            throw new AgentException(AgentFault.BadRequest, $"'{uuid}' is no UUID of a machine");
        }

        var facts = fabrics.Current ?? throw new AgentException(AgentFault.NotPossible, "this host is in no fabric");
        var wasHere = await catalog.FindAsync(uuid, cancellationToken) is not null;
        using (await locks.TakeAsync(uuid, cancellationToken))
        {
            RefuseWhileMoving(uuid);
            if (await catalog.FindAsync(uuid, cancellationToken) is { } found)
            {
                await EndAsync(found, teller, cancellationToken);
                await RemoveAsync(found, cancellationToken);
            }
            else if (wasHere)
            {
                // What it holds must not be given back: it lives elsewhere.
                throw new AgentException(AgentFault.Unavailable, $"the machine {uuid} left this host while its deletion waited, by a move that was going on; delete it again, where it is now");
            }

            releases.Add(facts.FabricId, uuid);
        }

        await images.SweepAsync(cancellationToken);
    }

    public async Task<MachineView> RetireAsync(string uuid, CancellationToken cancellationToken)
    {
        using (await locks.TakeAsync(uuid, cancellationToken))
        {
            RefuseWhileMoving(uuid);
            var found = await catalog.FindAsync(uuid, cancellationToken) ?? throw new AgentException(AgentFault.NotPossible, $"the machine {uuid} is not on this host");
            await catalog.WriteAsync(found, found.Metadata with { Phase = MachinePhase.Retired }, cancellationToken);
            return await reader.ViewAsync(found with { Metadata = found.Metadata with { Phase = MachinePhase.Retired } }, cancellationToken);
        }
    }

    /// <summary>After the host's start: those that are to run do.</summary>
    /// <returns>Why some could not be started, by name.</returns>
    public async Task<IReadOnlyDictionary<string, string>> StartAllAsync(CancellationToken cancellationToken)
    {
        Dictionary<string, string> failures = [];
        var client = await libvirt.GetAsync(cancellationToken);
        var waiting = (await catalog.ListAsync(cancellationToken)).Where(found => found is { IsActive: false, Metadata.Phase: MachinePhase.Ready } && found.Record.Spec is { Autostart: true, Running: true } && !moves.IsUndecided(found.Uuid));
        await Parallel.ForEachAsync(waiting, new ParallelOptions { MaxDegreeOfParallelism = MostAtOnce, CancellationToken = cancellationToken }, async (found, token) =>
        {
            using (await locks.TakeAsync(found.Uuid, token))
            {
                if (moves.IsUndecided(found.Uuid))
                {
                    return; // since it was looked at
                }

                try
                {
                    await MachinePower.StartAsync(client, found.Domain, token);
                }
                catch (Exception fault) when (!token.IsCancellationRequested)
                {
                    // Whatever it is: one machine keeps no other from starting.
                    lock (failures)
                    {
                        failures[found.Record.Spec.Name] = fault.Message;
                    }
                }
            }
        });
        return failures;
    }

    public void Dispose() => _places.Dispose();

    private async Task MakeAsync(MachineClaim claim, MachineSpec spec, FabricFacts facts, FoundMachine? found, IMachineTeller teller, CancellationToken cancellationToken)
    {
        if (found is not null)
        {
            RefuseForeign(found, claim);
            MachineFiles.Remove(facts.FabricId, claim.Uuid);
        }

        var open = spec.Clone();
        open.CloudInit = null;
        MachineRecord empty = new() { Spec = new MachineSpec() };
        var disks = MachineDisks.Match(claim.Uuid, empty, open);
        MachineRecord record = new() { Spec = open, Leases = { claim.Leases }, Disks = { disks.Disks }, NextDisk = disks.NextDisk, HasSeed = Seed.IsNeeded(spec) };
        MachineMetadata metadata = new(facts.FabricId, claim.Urn, MachinePhase.Creating, "", record);
        var client = await libvirt.GetAsync(cancellationToken);
        DurableFile.MakeFolder(Path.GetDirectoryName(MachineDomain.ConsoleLogOf(facts.FabricId, claim.Uuid))!, DurableFile.PrivateFolder);
        var domain = await client.DefineDomainAsync(MachineDomain.Define(claim.Uuid, metadata, facts).ToXml(), cancellationToken: cancellationToken);

        foreach (var sha256 in MachineImages.Of(spec))
        {
            await images.EnsureAsync(sha256, teller.Progress, cancellationToken);
        }

        await _places.WaitAsync(cancellationToken);
        try
        {
            foreach (var (disk, made) in open.Disks.Zip(record.Disks))
            {
                await MakeDiskAsync(disk, made, facts, cancellationToken);
            }
        }
        finally
        {
            _places.Release();
        }

        CloudInitStore.Write(facts.FabricId, claim.Uuid, spec.CloudInit);
        if (record.HasSeed)
        {
            Seed.Write(claim.Uuid, spec, claim.Leases, facts);
        }

        // From here on it may run, and what it writes is never made anew.
        var settled = metadata with { Phase = MachinePhase.Ready, SettledHost = spec.Host };
        await client.SetMetadataAsync(domain, MachineMetadata.Prefix, MachineMetadata.Namespace.NamespaceName, settled.ToBareXml(), DomainScope.Config, cancellationToken);
    }

    private async Task<MachineView> SettleAsync(string uuid, MachineSpec spec, IMachineTeller teller, CancellationToken cancellationToken)
    {
        var found = await catalog.FindAsync(uuid, cancellationToken) ?? throw new AgentException(AgentFault.NotPossible, $"{spec.Name} was made, and is gone: somebody removed it meanwhile");
        if (spec.Running)
        {
            await StartAsync(found, teller, cancellationToken);
            found = await catalog.FindAsync(uuid, cancellationToken) ?? found;
        }

        return await reader.ViewAsync(found, cancellationToken);
    }

    private async Task StartAsync(FoundMachine found, IMachineTeller teller, CancellationToken cancellationToken)
    {
        var client = await libvirt.GetAsync(cancellationToken);
        await _places.WaitAsync(cancellationToken);
        try
        {
            switch (found.State)
            {
                case MachineState.Paused:
                    await client.ResumeAsync(found.Domain, cancellationToken);
                    if (await GuestAgent.SetClockAsync(client, found.Domain, cancellationToken) is { } reason)
                    {
                        teller.Warn($"{found.Record.Spec.Name} was paused and goes on; its clock may be late by the pause, since its guest agent did not set it: {reason}");
                    }

                    break;
                case MachineState.Running:
                    break;
                default:
                    await MachinePower.StartAsync(client, found.Domain, cancellationToken);
                    break;
            }
        }
        catch (LibvirtException fault) when (fault.Fault == LibvirtFault.Rejected)
        {
            throw new AgentException(AgentFault.NotPossible, $"{found.Record.Spec.Name} is made, and could not be started: {fault.LibvirtMessage ?? fault.Message}", fault);
        }
        finally
        {
            _places.Release();
        }
    }

    private async Task MakeDiskAsync(DiskSpec spec, DiskRecord disk, FabricFacts facts, CancellationToken cancellationToken)
    {
        if (!disk.Own)
        {
            disk.SizeBytes = QemuImage.ReadSize(disk.Path) ?? throw new AgentException(AgentFault.NotPossible, $"the volume {facts.FabricId}/{spec.Volume} is not on this host");
            return;
        }

        var size = spec.SizeGib << 30;
        if (spec.Image.Length == 0)
        {
            await QemuImage.CreateAsync(disk.Path, size, basePath: null, baseFormat: null, cancellationToken);
        }
        else
        {
            var image = ImageChange.Find(facts, spec.Image);
            var stored = image.Stored ?? throw new AgentException(AgentFault.NotPossible, $"the image {image.Name} is not whole yet on the fabric; run the update of its Image resource first");
            if (image.Format is ImageFormat.Kernel or ImageFormat.Initrd)
            {
                throw new AgentException(AgentFault.BadRequest, $"the image {image.Name} has the format {image.Format.ToString().ToLowerInvariant()}, and can't be a disk; name it in `boot`");
            }

            // As this host's own record has it: the registry says what others wrote.
            var here = await images.EnsureAsync(spec.Image, static _ => { }, cancellationToken);
            if (here.Format != stored.Format || here.VirtualSizeBytes != stored.VirtualSizeBytes)
            {
                throw new AgentException(AgentFault.Changed, $"the image {image.Name} has become another meanwhile; run the update again");
            }

            var least = stored.VirtualSizeBytes;
            if (size > 0 && size < least)
            {
                throw new AgentException(AgentFault.BadRequest, $"a disk of the image {image.Name} has sizeGiB {spec.SizeGib}, and the image has {(double)least / (1 << 30):0.##} GiB; a disk is at least as large as its image");
            }

            await QemuImage.CreateAsync(disk.Path, size > 0 ? size : least, ImageStore.PathOf(spec.Image), stored.Format, cancellationToken);
        }

        disk.SizeBytes = QemuImage.ReadSize(disk.Path) ?? 0;
    }

    /// <summary>libvirt takes a machine with a firmware that is not there, and fails at its start only.</summary>
    private async Task RefuseFirmwareAsync(MachineSpec spec, FabricFacts facts, CancellationToken cancellationToken)
    {
        if (spec.Firmware != Firmware.Uefi)
        {
            return;
        }

        var capabilities = await (await libvirt.GetAsync(cancellationToken)).GetDomainCapabilitiesAsync(
            architecture: facts.Settings.Architecture, machine: facts.Settings.MachineType, domainType: facts.Settings.Layer == Layer.Kvm ? "kvm" : "qemu", cancellationToken: cancellationToken);
        var firmware = capabilities.Element("os")?.Elements("enum").FirstOrDefault(choice => (string?)choice.Attribute("name") == "firmware");
        if (firmware?.Elements("value").Any(value => value.Value == "efi") != true)
        {
            throw new AgentException(AgentFault.NotPossible, "firmware is 'uefi', and this host has none that QEMU could use; install it there (Debian: the package ovmf) and restart libvirtd, or set `firmware: bios`");
        }
    }

    private async Task UndoAsync(FabricFacts facts, string uuid)
    {
        try
        {
            if (await catalog.FindAsync(uuid, CancellationToken.None) is { Metadata.Phase: MachinePhase.Creating } found)
            {
                await RemoveAsync(found, CancellationToken.None);
            }

            releases.Add(facts.FabricId, uuid);
        }
        catch (Exception fault) when (fault is LibvirtException or AgentException or IOException)
        {
            // Whoever tries again finds it as it is; the failure that led here is the one to be told.
        }
    }

    private async Task EndAsync(FoundMachine found, IMachineTeller teller, CancellationToken cancellationToken)
    {
        var client = await libvirt.GetAsync(cancellationToken);
        await catalog.WriteAsync(found, found.Metadata with { Phase = MachinePhase.Retired }, cancellationToken);
        if (!found.IsActive)
        {
            return;
        }

        // Its own disks go with it; on a volume the guest is to leave everything in order.
        if (found.Record.Disks.Any(disk => !disk.Own) && !await ShutDownAsync(found, teller, cancellationToken))
        {
            return;
        }

        await MachinePower.DestroyAsync(client, found.Domain, cancellationToken);
    }

    private async Task<bool> ShutDownAsync(FoundMachine found, IMachineTeller teller, CancellationToken cancellationToken)
    {
        teller.Say($"shutting down {found.Record.Spec.Name}");
        var inOrder = await MachinePower.ShutDownAsync(await libvirt.GetAsync(cancellationToken), found.Domain, clock, cancellationToken);
        if (!inOrder)
        {
            teller.Warn($"{found.Record.Spec.Name} did not shut down within {clock.Timeouts.Shutdown.TotalSeconds:0} s, and was switched off");
        }

        return inOrder;
    }

    private async Task RemoveAsync(FoundMachine found, CancellationToken cancellationToken)
    {
        MachineFiles.Remove(found.Metadata.FabricId, found.Uuid);
        try
        {
            await (await libvirt.GetAsync(cancellationToken)).UndefineAsync(
                found.Domain, DomainUndefineOptions.ManagedSave | DomainUndefineOptions.SnapshotsMetadata | DomainUndefineOptions.CheckpointsMetadata | DomainUndefineOptions.Nvram, cancellationToken);
        }
        catch (LibvirtException fault) when (fault.IsNotFound)
        {
            // Somebody else was faster.
        }
    }

    /// <summary>The fabric's facts, with all that the claim speaks of.</summary>
    private async Task<FabricFacts> KnowAsync(MachineClaim claim, CancellationToken cancellationToken)
    {
        var facts = await catchUp.ForMachineAsync(fabrics.Current, claim.Leases, claim.Images, cancellationToken);
        foreach (var lease in claim.Leases)
        {
            NetworkChange.Find(facts, lease.Vni);
        }

        return facts;
    }

    private void RefuseWhileMoving(string uuid)
    {
        if (moves.IsUndecided(uuid))
        {
            throw new AgentException(AgentFault.Unavailable, $"{moves.NameOf(uuid)} is being moved, and the other side did not answer yet: it is decided as soon as it does; try again then");
        }
    }

    private static void RefuseForeign(FoundMachine found, MachineClaim claim)
    {
        if (found.Metadata.Urn != claim.Urn)
        {
            throw new AgentException(AgentFault.NotPossible, $"the machine {found.Domain.Name} belongs to {found.Metadata.Urn}, not to {claim.Urn}; import it there, or delete it there first");
        }
    }
}
