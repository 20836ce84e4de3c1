using System.Diagnostics;
using System.Xml.Linq;
using Pulumi.Blanket.Agent.Hypervisor;
using Pulumi.Blanket.Agent.Images;
using Pulumi.Blanket.Agent.Machine;
using Pulumi.Blanket.Agent.Machines;
using Pulumi.Blanket.Agent.Volumes;
using Pulumi.Blanket.Contract;
using Pulumi.Blanket.Libvirt.Domains;
using Pulumi.Blanket.Libvirt.Errors;

namespace Pulumi.Blanket.Agent.Moving;

/// <summary>
/// The source's half of the switch-over. What is decided here is written down before anybody hears of it, and never decided again. The commit is libvirt's: that it has ended the
/// machine's QEMU because the machine has migrated, or, after the copy began, undefined the machine. Nothing else is. Every doubt is decided for the source, whose disk is never the older
/// one as long as the target did not run the machine. Whoever calls this holds the machine's lock.
/// </summary>
internal sealed class MoveSettlement(MoveStore store, MovePeers peers, PostCopyJudge judge, HostLibvirt libvirt, VolumeStore volumes, ImageJobs images)
{
    private const string DefinitionsFolder = "/etc/libvirt/qemu";

    /// <returns>The record as it is then; in the same phase where it can't be told yet.</returns>
    public async Task<MoveRecord> DecideAsync(MoveRecord record, CancellationToken cancellationToken)
    {
        // It may have been decided, and cut before it was carried out.
        record = store.Find(record.Order.Uuid) ?? record;
        if (record is { Phase: MovePhase.Kept, CarriedOut: false })
        {
            return await RestoreAsync(record, cancellationToken);
        }

        if (record.Phase is not (MovePhase.Preparing or MovePhase.Copying or MovePhase.Switching))
        {
            return record;
        }

        var (fate, memoryLost) = await FateAsync(record, cancellationToken);
        switch (fate)
        {
            case MoveFate.Mine:
                return await RestoreAsync(store.Enter(record, MovePhase.Kept), cancellationToken);
            case MoveFate.Gone:
                DurableFile.SyncFolder(DefinitionsFolder); // so that a power cut does not bring the definition back
                return store.EnterHandedOver(record, memoryLost);
            default:
                return record;
        }
    }

    /// <summary>
    /// For when the machine's QEMU has just ended. Where that was because it has migrated it is handed over at once: libvirt itself looks only every 200 ms whether the process is gone
    /// (<c>virProcessKillPainfullyDelay</c>), and the guest stands still meanwhile.
    /// </summary>
    /// <returns>The record as it is then, and what the target says; null where it was not handed over, or the target did not answer.</returns>
    public async Task<(MoveRecord Record, MoveConclusion? Conclusion)> TryHandOverAsync(MoveRecord record, DomainReference domain, CancellationToken cancellationToken)
    {
        var ended = Stopwatch.StartNew();
        if (record.Phase != MovePhase.Copying || peers.FindMember(record.Order.Target) is not { } target || !QemuLog.SaysMigrated(domain, record))
        {
            return (record, null);
        }

        record = store.EnterHandedOver(record, memoryLost: false);
        try
        {
            return (record, await peers.ConcludeAsync(target, record.Order, MoveFate.Gone, ended.Elapsed.TotalMilliseconds, cancellationToken));
        }
        catch (AgentException)
        {
            return (record, null); // it is told again, once libvirt is done
        }
    }

    /// <summary>Tells the target what was decided, and does what follows here.</summary>
    /// <param name="waitedMs">Since the copy was complete.</param>
    /// <returns>What the target says; null where it is gone for good.</returns>
    /// <exception cref="AgentException">Somebody who is needed does not answer; nothing is lost, and it has to be tried again.</exception>
    public async Task<MoveConclusion?> CloseAsync(MoveRecord record, double waitedMs, CancellationToken cancellationToken)
    {
        var order = record.Order;
        var target = peers.FindMember(order.Target);
        if (record.Phase == MovePhase.Kept)
        {
            MoveConclusion? kept = null;
            if (target is not null)
            {
                kept = await peers.ConcludeAsync(target, order, MoveFate.Mine, 0, cancellationToken);
            }

            await peers.SettleAsync(order, MachineFacts.MachineId, cancellationToken);
            store.Close(record);
            return kept;
        }

        if (target is null)
        {
            return await TakeBackAsync(record, cancellationToken);
        }

        var conclusion = await peers.ConcludeAsync(target, order, MoveFate.Gone, waitedMs, cancellationToken, record.MemoryLost);
        switch (conclusion.Standing)
        {
            case MoveStanding.Owned:
                await UndefineAsync(order, cancellationToken);
                MachineFiles.Remove(order.FabricId, order.Uuid);
                foreach (var volume in order.Volumes)
                {
                    volumes.Delete(volume.Uuid);
                }

                store.Close(record);
                await TryTellClosedAsync(target, order, cancellationToken);
                await images.SweepAsync(cancellationToken);
                return conclusion;
            case MoveStanding.Clean:
                // It never arrived whole, and the target says that it never will: what is here is all there is.
                await RestoreAsync(store.Enter(record, MovePhase.Kept), cancellationToken);
                return conclusion;
            default:
                throw new AgentException(AgentFault.Unavailable, $"{order.Name} is handed over to {target.Settings.Name}, which is not done with it yet");
        }
    }

    /// <summary>The user gave the target up before it had said that it has the machine: what is here is all there is, unless it was made anew already.</summary>
    private async Task<MoveConclusion> TakeBackAsync(MoveRecord record, CancellationToken cancellationToken)
    {
        var order = record.Order;
        if (peers.Facts.Machines.FirstOrDefault(claim => claim.Uuid == order.Uuid)?.Member is not { } member || (member != order.Source && member != order.Target))
        {
            await UndefineAsync(order, cancellationToken);
            MachineFiles.Remove(order.FabricId, order.Uuid);
            store.Close(record);
            return new MoveConclusion { Standing = MoveStanding.Unknown, Warning = $"{order.Name} was handed over to a host that is lost, and is somewhere else by now: what was left of it here is gone" };
        }

        record = await RestoreAsync(store.Enter(record, MovePhase.Kept), cancellationToken);
        await peers.SettleAsync(order, MachineFacts.MachineId, cancellationToken);
        store.Close(record);
        return new MoveConclusion { Standing = MoveStanding.Clean, Warning = $"{order.Name} was handed over to a host that is lost: it goes on where it was, and what it wrote there is lost with that host" };
    }

    // A power cut may have brought the definition back that libvirt had removed.
    private async Task UndefineAsync(MoveOrder order, CancellationToken cancellationToken)
    {
        var client = await libvirt.GetAsync(cancellationToken);
        if (await client.FindDomainAsync(Guid.Parse(order.Uuid), cancellationToken) is { } domain)
        {
            await MachinePower.DestroyAsync(client, domain, cancellationToken);
            await client.UndefineAsync(domain, DomainUndefineOptions.ManagedSave | DomainUndefineOptions.Nvram, cancellationToken);
        }

        DurableFile.SyncFolder(DefinitionsFolder); // before what else is left here goes
    }

    // The target finds it out by itself, a little later.
    private async Task TryTellClosedAsync(Member target, MoveOrder order, CancellationToken cancellationToken)
    {
        try
        {
            await peers.ConcludeAsync(target, order, MoveFate.Unknown, 0, cancellationToken);
        }
        catch (AgentException)
        {
            // It asks.
        }
    }

    private async Task<(MoveFate Fate, bool MemoryLost)> FateAsync(MoveRecord record, CancellationToken cancellationToken)
    {
        var client = await libvirt.GetAsync(cancellationToken);
        if (await client.FindDomainAsync(Guid.Parse(record.Order.Uuid), cancellationToken) is not { } domain)
        {
            return (record.Phase == MovePhase.Preparing || record.Order.Offline ? MoveFate.Mine : MoveFate.Gone, false);
        }

        try
        {
            var status = await client.GetStatusAsync(domain, cancellationToken);
            var runs = status.State is not (DomainState.ShutOff or DomainState.Crashed or DomainState.None);

            // A post-copy that failed stays a job, which waits for somebody to carry it on.
            if (runs && status.PausedReason != PausedReason.PostCopyFailed && (await client.GetJobAsync(domain, cancellationToken: cancellationToken)).IsActive)
            {
                return (MoveFate.Busy, false);
            }

            if (record.Phase == MovePhase.Preparing || record.Order.Offline || status.State == DomainState.Running)
            {
                return (MoveFate.Mine, false);
            }

            if (record.Order.PostCopy)
            {
                return await judge.JudgeAsync(record, domain, status, cancellationToken);
            }

            // A libvirtd that was cut in its last step did not undefine it any more.
            return (!runs && QemuLog.SaysMigrated(domain, record) ? MoveFate.Gone : MoveFate.Mine, false);
        }
        catch (LibvirtException fault) when (fault.IsNotFound || fault.Code == LibvirtErrorCode.OperationInvalid)
        {
            return (MoveFate.Busy, false); // it changed between two questions
        }
    }

    /// <summary>It is this member's, and goes on as it was before the move.</summary>
    private async Task<MoveRecord> RestoreAsync(MoveRecord record, CancellationToken cancellationToken)
    {
        var client = await libvirt.GetAsync(cancellationToken);
        var order = record.Order;
        var domain = await client.FindDomainAsync(Guid.Parse(order.Uuid), cancellationToken)
            ?? await client.DefineDomainAsync(XElement.Parse(record.DomainXml), cancellationToken: cancellationToken);
        var status = await client.GetStatusAsync(domain, cancellationToken);
        if (status.State == DomainState.Paused && status.PausedReason is PausedReason.PostCopy or PausedReason.PostCopyFailed)
        {
            // The target, which the user gave up, has run it since.
            await MachinePower.DestroyAsync(client, domain, cancellationToken);
            status = await client.GetStatusAsync(domain, cancellationToken);
        }

        if (order.YieldsTo.Length > 0 && await IsPlaceTakenAsync(order, cancellationToken))
        {
            record = record.Clone();
            record.PlaceIsTaken = true;
            return store.NoteCarriedOut(record);
        }

        switch (status.State)
        {
            case DomainState.Paused when order.End == MoveEnd.Resumed:
                if (order.PostCopy)
                {
                    await client.CancelForgottenMigrationAsync(domain, cancellationToken);
                }

                await client.ResumeAsync(domain, cancellationToken);
                break;
            case DomainState.ShutOff or DomainState.Crashed when !order.WasOff && (order.End is MoveEnd.Resumed or MoveEnd.Started || (order.Offline && order.End is MoveEnd.Paused)):
                await MachinePower.StartAsync(client, domain, cancellationToken);
                break;
        }

        return store.NoteCarriedOut(record);
    }

    /// <summary>Whether the machine to which this one let its place has it by now.</summary>
    /// <exception cref="AgentException">It is on its way here: whether it arrives is not known yet.</exception>
    private async Task<bool> IsPlaceTakenAsync(MoveOrder order, CancellationToken cancellationToken)
    {
        var successor = peers.Facts.Machines.FirstOrDefault(machine => machine.Uuid == order.YieldsTo);
        PlaceState place;
        try
        {
            place = await peers.YieldAsync(order, to: "", standsStill: false, cancellationToken);
        }
        catch (AgentException)
        {
            // The primary does not answer, for which a machine does not stand still.
            place = successor?.Member == order.Source ? PlaceState.Taken : successor?.MovingTo == order.Source ? PlaceState.Pending : PlaceState.Free;
        }

        return place == PlaceState.Pending
            ? throw new AgentException(AgentFault.Unavailable, $"{successor?.Name ?? order.YieldsTo} is on its way to the place of {order.Name}, which stands still until that is over")
            : place == PlaceState.Taken;
    }
}
