using System.Diagnostics;
using System.Xml.Linq;
using Grpc.Core;
using Pulumi.Blanket.Agent.Fabrics;
using Pulumi.Blanket.Agent.Hypervisor;
using Pulumi.Blanket.Agent.Images;
using Pulumi.Blanket.Agent.Machine;
using Pulumi.Blanket.Agent.Machines;
using Pulumi.Blanket.Agent.Timing;
using Pulumi.Blanket.Agent.Volumes;
using Pulumi.Blanket.Contract;
using Pulumi.Blanket.Libvirt;
using Pulumi.Blanket.Libvirt.Domains;
using Pulumi.Blanket.Libvirt.Errors;

namespace Pulumi.Blanket.Agent.Moving;

/// <summary>The target's half: makes everything ready, and runs the machine that arrived once the source has given it up, never before.</summary>
internal sealed class IncomingMoves(
    MoveStore store, MovePeers peers, HostLibvirt libvirt, MachineCatalog catalog, MachineReader reader, ImageJobs images, VolumeStore volumes, FactsCatchUp catchUp, KeyedLocks locks, AgentClock clock)
{
    /// <param name="caller">Machine id of the member that gives the order.</param>
    public async Task PrepareAsync(MoveOrder order, string caller, CancellationToken cancellationToken)
    {
        using var turn = await locks.TakeAsync(order.Uuid, cancellationToken);
        var facts = await catchUp.UntilAsync(peers.Facts, known => IsKnown(order, known), cancellationToken);
        if (!IsKnown(order, facts))
        {
            throw new AgentException(AgentFault.Unavailable, $"{peers.NameOf(MachineFacts.MachineId)} does not know yet that room is held there for {order.Name}, since the fabric's primary did not say so in time");
        }

        MoveOrderCheck.Check(order, caller, MachineFacts.MachineId, facts);
        await RefuseRemainsAsync(order, cancellationToken);
        if (order.PostCopy)
        {
            UserFaults.Allow();
        }

        var kept = order.Clone();
        kept.Spec.CloudInit = null;
        var record = store.Write(new MoveRecord { Order = kept, Phase = MovePhase.Expected, LogBytes = QemuLog.LengthOf(DomainOf(order)) });
        try
        {
            Dictionary<string, StoredImage> stored = new(StringComparer.Ordinal);
            foreach (var sha256 in ImagesOf(order))
            {
                stored[sha256] = await images.EnsureAsync(sha256, static _ => { }, cancellationToken);
            }

            DurableFile.MakeFolder(Path.GetDirectoryName(MachineDomain.ConsoleLogOf(order.FabricId, order.Uuid))!, DurableFile.PrivateFolder);
            foreach (var disk in order.Disks)
            {
                // A stale one would corrupt the guest, silently.
                DurableFile.Delete(disk.Path);
                if (order.Offline)
                {
                    continue;
                }

                var image = disk.Image.Length > 0 ? ImageStore.PathOf(disk.Image) : null;
                await QemuImage.CreateAsync(disk.Path, disk.SizeBytes, image, image is null ? null : stored[disk.Image].Format, cancellationToken);
            }

            RemoveOfLibvirt(order);
            CloudInitStore.Write(order.FabricId, order.Uuid, order.Spec.CloudInit);
            if (order.HasSeed)
            {
                Seed.Write(order.Uuid, order.Spec, order.Leases, facts);
            }
        }
        catch
        {
            RemoveFiles(order);
            store.Close(record);
            throw;
        }
    }

    /// <summary>Takes the files of a machine that is off.</summary>
    public async Task ReceiveAsync(IAsyncStreamReader<MovedBytes> from, string caller, CancellationToken cancellationToken)
    {
        if (!await from.MoveNext(cancellationToken))
        {
            throw new AgentException(AgentFault.BadRequest, "nothing was sent");
        }

        using var turn = await locks.TakeAsync(from.Current.Uuid, cancellationToken);
        if (store.Find(from.Current.Uuid) is not { Phase: MovePhase.Expected, Order: { Offline: true } order } record || order.Number != from.Current.Number || order.Source != caller || record.Received)
        {
            throw new AgentException(AgentFault.NotPossible, $"the machine {from.Current.Uuid} is not expected here");
        }

        record = record.Clone();
        record.ReceivedBytes = await FileArrival.TakeAsync(order, from, clock, cancellationToken);
        SavedMemory.Check(order);
        record.Received = true;
        store.Write(record);
    }

    /// <summary>Acts on what the source says. Can be repeated.</summary>
    public async Task<MoveConclusion> ConcludeAsync(MoveVerdict verdict, CancellationToken cancellationToken)
    {
        var arrived = Stopwatch.StartNew();
        using var turn = await locks.TakeAsync(verdict.Uuid, cancellationToken);
        if (store.Find(verdict.Uuid) is not { } record || record.Order.Number != verdict.Number)
        {
            return new MoveConclusion { Standing = MoveStanding.Unknown };
        }

        switch (record.Phase, verdict.Fate)
        {
            case (MovePhase.Taken, MoveFate.Gone):
                return record.CarriedOut ? await OwnedAsync(record, "", cancellationToken) : await CarryOutAsync(record, verdict, arrived, cancellationToken);
            case (MovePhase.Refused, MoveFate.Gone):
                return new MoveConclusion { Standing = MoveStanding.Clean };
            case (MovePhase.Expected or MovePhase.Refused, MoveFate.Mine):
                var hasRun = record.Order.PostCopy && await LookAsync(record, cancellationToken) is ArrivalState.Pulling or ArrivalState.Whole;
                var refusal = record.Order.Offline ? "" : QemuLog.RefusalSince(DomainOf(record.Order), record.LogBytes);
                refusal = refusal.Length > 0 ? $"its QEMU does not understand the state of the one here: {refusal}" : "";
                await CleanAsync(record, cancellationToken);
                store.Close(record);
                return new MoveConclusion { Standing = MoveStanding.Clean, Warning = hasRun ? TwoCopies(record.Order) : "", Refusal = refusal };
            case (MovePhase.Taken, MoveFate.Unknown):
                await peers.SettleAsync(record.Order, MachineFacts.MachineId, cancellationToken);
                store.Close(record);
                return new MoveConclusion { Standing = MoveStanding.Owned };
            case (MovePhase.Expected, MoveFate.Gone):
                return await TakeAsync(record, verdict, arrived, cancellationToken);
            default:
                return new MoveConclusion { Standing = MoveStanding.Open };
        }
    }

    /// <summary>Goes on with one of which nothing was heard.</summary>
    public async Task CarryOnAsync(MoveRecord record, CancellationToken cancellationToken)
    {
        var order = record.Order;
        if (record.Phase == MovePhase.Taken)
        {
            // Not later than it is true: it may be on its way to a third member by now.
            using (await locks.TakeAsync(order.Uuid, cancellationToken))
            {
                if (store.Find(order.Uuid)?.Order.Number != order.Number)
                {
                    return;
                }

                await peers.SettleAsync(order, MachineFacts.MachineId, cancellationToken);
            }
        }

        var source = peers.FindMember(order.Source);
        var answer = source is null ? null : await peers.AskAsync(source, order, cancellationToken);
        var fate = answer?.Fate ?? MoveFate.Unknown;
        switch (record.Phase, fate)
        {
            case (MovePhase.Expected, MoveFate.Unknown) when source is null:
                await GoOnAloneAsync(record, cancellationToken);
                break;
            case (MovePhase.Expected, MoveFate.Mine or MoveFate.Gone):
            case (MovePhase.Taken, _) when !record.CarriedOut:
                await ConcludeAsync(new MoveVerdict { Uuid = order.Uuid, Number = order.Number, Fate = record.Phase == MovePhase.Taken ? MoveFate.Gone : fate, MemoryLost = answer?.MemoryLost ?? false }, cancellationToken);
                break;
            case (MovePhase.Taken or MovePhase.Refused, MoveFate.Unknown or MoveFate.Mine):
                using (await locks.TakeAsync(order.Uuid, cancellationToken))
                {
                    if (store.Find(order.Uuid) is { } now && now.Order.Number == order.Number)
                    {
                        store.Close(now);
                    }
                }

                break;
        }
    }

    /// <summary>The user's word that the source is lost: what it wrote after the copy, if it went on, is lost with it.</summary>
    private async Task GoOnAloneAsync(MoveRecord record, CancellationToken cancellationToken)
    {
        var order = record.Order;
        var arrival = order.PostCopy ? await LookAsync(record, cancellationToken) : ArrivalState.Whole; // or it turns out not to be
        if (arrival is ArrivalState.Pulling or ArrivalState.Whole)
        {
            await ConcludeAsync(new MoveVerdict { Uuid = order.Uuid, Number = order.Number, Fate = MoveFate.Gone, MemoryLost = arrival == ArrivalState.Pulling }, cancellationToken);
            return;
        }

        // It never ran here, and its disks are in pieces.
        using var turn = await locks.TakeAsync(order.Uuid, cancellationToken);
        if (store.Find(order.Uuid) is { Phase: MovePhase.Expected } now && now.Order.Number == order.Number)
        {
            await CleanAsync(now, cancellationToken);
            store.Enter(now, MovePhase.Refused);
        }
    }

    /// <summary>What has come of a move by post-copy.</summary>
    public async Task<ArrivalState> InspectAsync(MoveQuestion question, CancellationToken cancellationToken)
        => store.Find(question.Uuid) is { } record && record.Order.Number == question.Number ? await LookAsync(record, cancellationToken) : ArrivalState.Absent;

    private async Task<ArrivalState> LookAsync(MoveRecord record, CancellationToken cancellationToken)
    {
        if (record.Phase == MovePhase.Taken)
        {
            return ArrivalState.Whole;
        }

        var client = await libvirt.GetAsync(cancellationToken);
        if (await client.FindDomainAsync(Guid.Parse(record.Order.Uuid), cancellationToken) is not { } domain)
        {
            return ArrivalState.Absent;
        }

        // One that a full disk stopped is still fetching its memory.
        var state = Arrival.Of(await client.GetStatusAsync(domain, cancellationToken));
        return state == ArrivalState.Whole && await IsBusyAsync(client, domain, cancellationToken) ? ArrivalState.Pulling : state;
    }

    private static async Task<bool> IsBusyAsync(LibvirtClient client, DomainReference domain, CancellationToken cancellationToken)
    {
        try
        {
            return (await client.GetJobAsync(domain, cancellationToken: cancellationToken)).IsActive;
        }
        catch (LibvirtException fault) when (fault.Code == LibvirtErrorCode.OperationInvalid)
        {
            return false; // it is off
        }
    }

    private static string DomainOf(MoveOrder order) => MachineDomain.NameOf(order.Name, order.Uuid);

    private string TwoCopies(MoveOrder order)
        => $"{order.Name} ran on {peers.NameOf(order.Target)}, too, until now: the connection broke in the moment in which the copy ended. What it wrote there is gone; it goes on on {peers.NameOf(order.Source)}";

    /// <summary>What the source's claim with the primary, a moment ago, made of the fabric's facts.</summary>
    private static bool IsKnown(MoveOrder order, FabricFacts facts)
        => FactsCatchUp.HasAllOf(facts, order.Leases, ImagesOf(order)) && facts.Machines.Any(machine => machine.Uuid == order.Uuid && machine.MovingTo == order.Target);

    private static IReadOnlySet<string> ImagesOf(MoveOrder order) => order.Spec is { } spec ? MachineImages.Of(spec) : new HashSet<string>();

    private async Task RefuseRemainsAsync(MoveOrder order, CancellationToken cancellationToken)
    {
        if (store.Find(order.Uuid) is { } open && open.Order.Number != order.Number)
        {
            throw new AgentException(AgentFault.NotPossible, $"an earlier move of {order.Name} is not closed yet on {peers.NameOf(MachineFacts.MachineId)}; try again in a moment");
        }

        if (await (await libvirt.GetAsync(cancellationToken)).FindDomainAsync(Guid.Parse(order.Uuid), cancellationToken) is { } domain)
        {
            throw new AgentException(AgentFault.NotPossible,
                $"{peers.NameOf(MachineFacts.MachineId)} has a domain {domain.Name} of the same UUID already, which no move of ours brought; see with `virsh list --all` there whose it is, and undefine it");
        }

        if (order.Volumes.FirstOrDefault(volume => volumes.Find(volume.Uuid) is not null) is { } there)
        {
            throw new AgentException(AgentFault.NotPossible, $"{peers.NameOf(MachineFacts.MachineId)} has a volume {there.Name} of the same id already");
        }
    }

    private async Task<MoveConclusion> TakeAsync(MoveRecord record, MoveVerdict verdict, Stopwatch arrived, CancellationToken cancellationToken)
    {
        var order = record.Order;
        var client = await libvirt.GetAsync(cancellationToken);
        if (verdict.MemoryLost || !(order.Offline ? record.Received : await WaitUntilWholeAsync(client, order, cancellationToken) is not null))
        {
            if (!order.PostCopy)
            {
                await CleanAsync(record, cancellationToken);
                store.Enter(record, MovePhase.Refused);
                return new MoveConclusion { Standing = MoveStanding.Clean };
            }

            // It ran here: its disks here are the newer ones, whatever became of the rest.
            await DestroyAsync(client, order, cancellationToken);
            await client.DefineDomainAsync(XElement.Parse(order.Definition), cancellationToken: cancellationToken);
        }

        if (order.Offline && !record.Tried)
        {
            record = record.Clone();
            record.Tried = true;
            store.Write(record);
            if (await FindRefusalAsync(client, order, cancellationToken) is { } refusal)
            {
                await CleanAsync(record, cancellationToken);
                store.Enter(record, MovePhase.Refused);
                return new MoveConclusion { Standing = MoveStanding.Clean, Refusal = refusal };
            }
        }

        return await CarryOutAsync(store.Enter(record, MovePhase.Taken), verdict, arrived, cancellationToken);
    }

    /// <summary>Starts one that came by its files: the first time that a QEMU here sees it.</summary>
    /// <returns>Why it can't be; null where it runs, or is to be off.</returns>
    private static async Task<string?> FindRefusalAsync(LibvirtClient client, MoveOrder order, CancellationToken cancellationToken)
    {
        try
        {
            var domain = await client.DefineDomainAsync(XElement.Parse(order.Definition), cancellationToken: cancellationToken);
            if (order.End != MoveEnd.Off)
            {
                await MachinePower.StartAsync(client, domain, cancellationToken);
            }

            return null;
        }
        catch (LibvirtException fault) when (fault.Fault == LibvirtFault.Rejected)
        {
            return await client.FindDomainAsync(Guid.Parse(order.Uuid), cancellationToken) is { } there && await MachinePower.IsActiveAsync(client, there, cancellationToken)
                ? null
                : $"it could not be started there: {fault.LibvirtMessage ?? fault.Message}";
        }
    }

    /// <summary>It is this member's: also where that was cut before it ran.</summary>
    private async Task<MoveConclusion> CarryOutAsync(MoveRecord record, MoveVerdict verdict, Stopwatch arrived, CancellationToken cancellationToken)
    {
        var order = record.Order;
        var client = await libvirt.GetAsync(cancellationToken);
        var domain = await client.FindDomainAsync(Guid.Parse(order.Uuid), cancellationToken)
            ?? (order.Offline ? await client.DefineDomainAsync(XElement.Parse(order.Definition), cancellationToken: cancellationToken)
                : throw new AgentException(AgentFault.NotPossible, $"{order.Name} has arrived, and is gone: somebody removed it"));
        foreach (var volume in order.Volumes)
        {
            volumes.Write(volume);
        }

        var status = await client.GetStatusAsync(domain, cancellationToken);
        var copyMs = status.State == DomainState.Paused || (order.PostCopy && status.State == DomainState.Running) ? await ReadDowntimeAsync(client, domain, cancellationToken) : (0, 0);
        var warning = order.Offline
            ? await WakeAsync(client, domain, order, status.State, cancellationToken)
            : await RunAsync(client, domain, order, status.State, cancellationToken);
        MoveReport report = new()
        {
            Source = peers.NameOf(order.Source),
            Target = peers.NameOf(order.Target),
            Mode = MoveModeRules.NameOf(order),
            Seconds = clock.Now.ToUnixTimeMilliseconds() / 1000d - order.Began,
            CopyMs = copyMs.DowntimeMs,
            SwitchOverMs = verdict.WaitedMs,
            ResumeMs = arrived.Elapsed.TotalMilliseconds,
            TransferredBytes = order.Offline ? record.ReceivedBytes : copyMs.Bytes,
        };
        if (await catalog.FindAsync(order.Uuid, cancellationToken) is { } found)
        {
            var machine = found.Record.Clone();
            machine.LastMove = report;
            await catalog.WriteAsync(found, found.Metadata with { SettledHost = order.SettledHost, Record = machine }, cancellationToken);
        }

        return await OwnedAsync(store.NoteCarriedOut(record), warning, cancellationToken);
    }

    /// <returns>Null where it is not whole: libvirt defines it as the last step of its copy, and resumes nothing by itself.</returns>
    private async Task<DomainReference?> WaitUntilWholeAsync(LibvirtClient client, MoveOrder order, CancellationToken cancellationToken)
    {
        for (var deadline = clock.In(clock.Timeouts.Arrival); ; await clock.DelayAsync(clock.Timeouts.ArrivalPoll, cancellationToken))
        {
            if (await client.FindDomainAsync(Guid.Parse(order.Uuid), cancellationToken) is not { } domain)
            {
                return null;
            }

            var status = await client.GetStatusAsync(domain, cancellationToken);
            if (order.PostCopy && Arrival.Of(status) == ArrivalState.Whole && !await client.IsPersistentAsync(domain, cancellationToken))
            {
                // QEMU had to end it alone, since one of the two libvirtds was away.
                await client.DefineDomainAsync(XElement.Parse(order.Definition), cancellationToken: cancellationToken);
            }

            var isWhole = order.PostCopy ? Arrival.Of(status) == ArrivalState.Whole : status.State is not DomainState.Paused
                || (status.PausedReason is not (PausedReason.Migration or PausedReason.StartingUp) && !(await client.GetJobAsync(domain, cancellationToken: cancellationToken)).IsActive);
            if (isWhole && await client.IsPersistentAsync(domain, cancellationToken))
            {
                return domain;
            }

            if (deadline.IsOver)
            {
                return order.PostCopy
                    ? throw new AgentException(AgentFault.Unavailable, $"{order.Name} runs on {order.Target}, and the rest of its memory is still on its way")
                    : null;
            }
        }
    }

    private static async Task<(double DowntimeMs, long Bytes)> ReadDowntimeAsync(LibvirtClient client, DomainReference domain, CancellationToken cancellationToken)
    {
        try
        {
            var job = await client.GetJobAsync(domain, completed: true, cancellationToken: cancellationToken);
            return (job.DowntimeMs ?? 0, (long)(job.DataProcessedBytes ?? 0));
        }
        catch (LibvirtException fault) when (fault.Fault == LibvirtFault.Rejected)
        {
            return (0, 0); // it does not know
        }
    }

    /// <returns>For the user to keep; empty: nothing.</returns>
    private async Task<string> RunAsync(LibvirtClient client, DomainReference domain, MoveOrder order, DomainState state, CancellationToken cancellationToken)
    {
        switch (state)
        {
            case DomainState.Paused when order.End is MoveEnd.Resumed:
                await client.ResumeAsync(domain, cancellationToken);
                return "";
            case DomainState.Paused when order.End is MoveEnd.Started or MoveEnd.Off:
                await MachinePower.DestroyAsync(client, domain, cancellationToken);
                break;
            case DomainState.ShutOff or DomainState.Crashed:
                break;
            default:
                return "";
        }

        if (order.End is MoveEnd.Off)
        {
            return "";
        }

        await MachinePower.StartAsync(client, domain, cancellationToken);
        return order.End is MoveEnd.Started ? ""
            : order.PostCopy ? $"{order.Name} ran on {peers.NameOf(order.Target)} already when the rest of its memory was lost on the way there: it was started from its disk"
            : MemoryLost(order);
    }

    /// <summary>One that came by its files, and was started already, but for a host that went down since.</summary>
    /// <returns>For the user to keep; empty: nothing.</returns>
    private async Task<string> WakeAsync(LibvirtClient client, DomainReference domain, MoveOrder order, DomainState state, CancellationToken cancellationToken)
    {
        if (state is DomainState.ShutOff or DomainState.Crashed && order.End != MoveEnd.Off)
        {
            var isLost = order.Mode == MoveMode.Suspend && !File.Exists(MovedFiles.SavedMemory(order.Definition));
            await MachinePower.StartAsync(client, domain, cancellationToken);
            if (isLost)
            {
                return MemoryLost(order);
            }
        }

        return order is { Mode: MoveMode.Suspend, End: MoveEnd.Resumed } && await GuestAgent.SetClockAsync(client, domain, cancellationToken) is { } reason
            ? $"{order.Name} stood still while it was moved; its clock may be late by that, since its guest agent did not set it: {reason}"
            : "";
    }

    private string MemoryLost(MoveOrder order)
        => $"{order.Name} was handed over to {peers.NameOf(order.Target)}, which went down before it ran there: it was started from its disk, and what was in its memory is lost";

    private async Task<MoveConclusion> OwnedAsync(MoveRecord record, string warning, CancellationToken cancellationToken)
    {
        var found = await catalog.FindAsync(record.Order.Uuid, cancellationToken);
        return new MoveConclusion { Standing = MoveStanding.Owned, Machine = found is null ? null : await reader.ViewAsync(found, cancellationToken), Warning = warning };
    }

    /// <summary>Nothing of it stays here.</summary>
    private async Task CleanAsync(MoveRecord record, CancellationToken cancellationToken)
    {
        await DestroyAsync(await libvirt.GetAsync(cancellationToken), record.Order, cancellationToken);
        RemoveFiles(record.Order);
    }

    private static async Task DestroyAsync(LibvirtClient client, MoveOrder order, CancellationToken cancellationToken)
    {
        if (await client.FindDomainAsync(Guid.Parse(order.Uuid), cancellationToken) is { } domain)
        {
            await MachinePower.DestroyAsync(client, domain, cancellationToken);
            try
            {
                await client.UndefineAsync(domain, DomainUndefineOptions.ManagedSave | DomainUndefineOptions.Nvram, cancellationToken);
            }
            catch (LibvirtException fault) when (fault.IsNotFound)
            {
                // What was not defined is gone with its end.
            }
        }
    }

    private static void RemoveFiles(MoveOrder order)
    {
        MachineFiles.Remove(order.FabricId, order.Uuid);
        foreach (var volume in order.Volumes)
        {
            DurableFile.Delete(VolumeStore.PathOf(volume.Uuid));
        }

        RemoveOfLibvirt(order);
    }

    /// <summary>What libvirt does not remove by itself, since it does not know of the machine.</summary>
    private static void RemoveOfLibvirt(MoveOrder order)
    {
        if (order.Offline)
        {
            foreach (var file in MovedFiles.OfLibvirt(order))
            {
                DurableFile.Delete(file);
            }
        }
    }
}
