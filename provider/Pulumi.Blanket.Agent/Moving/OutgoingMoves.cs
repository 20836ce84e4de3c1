using System.Diagnostics;
using Pulumi.Blanket.Agent.Hypervisor;
using Pulumi.Blanket.Agent.Images;
using Pulumi.Blanket.Agent.Machine;
using Pulumi.Blanket.Agent.Machines;
using Pulumi.Blanket.Agent.Registry;
using Pulumi.Blanket.Agent.Serving;
using Pulumi.Blanket.Agent.Timing;
using Pulumi.Blanket.Agent.Volumes;
using Pulumi.Blanket.Contract;
using Pulumi.Blanket.Libvirt.Domains;
using Pulumi.Blanket.Libvirt.Errors;

namespace Pulumi.Blanket.Agent.Moving;

/// <summary>Moves machines away from this member: prepare, copy, switch over, confirm; or clean up, and the machine runs on here.</summary>
internal sealed class OutgoingMoves(
    MoveStore store, MovePeers peers, MoveRoom room, MoveSettlement settlement, HostLibvirt libvirt, MachineCatalog catalog, MachineReader reader, VolumeStore volumes, KeyedLocks locks, AgentLifetime lifetime, AgentClock clock)
    : IDisposable
{
    /// <summary>More at once only share the same link, and each guest writes for longer what has to be sent again.</summary>
    private const int MostAtOnce = 2;

    /// <summary>A link that blinked, or a peer that was restarted, fails nobody's `up`.</summary>
    private const int MostAttempts = 3;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, ActiveMove> _active = [];
    private readonly SemaphoreSlim _places = new(MostAtOnce);

    /// <summary>Whether this agent is carrying out a move of the machine.</summary>
    public bool IsActive(string uuid)
    {
        lock (_lock)
        {
            return _active.ContainsKey(uuid);
        }
    }

    /// <summary>Whether this agent is carrying out a move of any machine.</summary>
    public bool IsAnyActive
    {
        get
        {
            lock (_lock)
            {
                return _active.Count > 0;
            }
        }
    }

    /// <summary>Starts a move, or joins the one to the same target that goes on.</summary>
    /// <returns>The machine at the target.</returns>
    /// <param name="cancelled">Has the move end, also one that was joined.</param>
    /// <exception cref="AgentException">It is where it was, or where the message says.</exception>
    public async Task<MachineView> MoveAsync(MoveRequest request, IMachineTeller teller, CancellationToken cancelled = default)
    {
        while (true)
        {
            ActiveMove? move;
            lock (_lock)
            {
                if (!_active.TryGetValue(request.Uuid, out move))
                {
                    move = new ActiveMove(request.Target);
                    _active[request.Uuid] = move;
                    move.Outcome = Task.Run(() => RunAsync(request, move));
                    lifetime.Track(move.Outcome);
                }
            }

            if (move.Target == request.Target)
            {
                await using var cancelling = cancelled.Register(() => Cancel(request.Uuid));
                return await move.FollowAsync(teller);
            }

            teller.Say($"waiting for its move to {peers.NameOf(move.Target)}");
            await ((Task)move.Outcome).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    public void Cancel(string uuid)
    {
        lock (_lock)
        {
            _active.GetValueOrDefault(uuid)?.Cancel();
        }
    }

    public async Task<MoveEstimate> EstimateAsync(EstimateMoveRequest request, CancellationToken cancellationToken)
    {
        var found = await FindAsync(request.Uuid, cancellationToken);
        var mode = MoveModeRules.Of(found.State, request.Options?.Mode ?? MoveMode.Auto).Mode;
        var last = found.Record.LastMove;
        var facts = peers.Facts;
        var target = facts.Members.FirstOrDefault(member => member.MachineId == request.Target) ?? throw new AgentException(AgentFault.NotPossible, $"the machine with the id {request.Target} is no member of the fabric {facts.Settings.Name} any more");
        MoveEstimate estimate = new()
        {
            Mode = mode,
            State = found.State,
            MemoryBytes = mode == MoveMode.Cold ? 0 : await ReadMemoryAsync(found, cancellationToken),
            DiskBytes = found.Record.Disks.Sum(disk => new FileInfo(disk.Path) is { Exists: true } file ? file.Length : 0),
            MeasuredBytesPerSecond = last is { Seconds: > 0 } ? (long)(last.TransferredBytes / last.Seconds) : 0,
        };
        if (facts.Machines.FirstOrDefault(machine => machine.Uuid == request.Uuid) is { } claim)
        {
            estimate.Lacking.Add(ClaimChange.LackingFor(facts, claim, MemberRoom.Of(facts, target, request.Uuid)));
            estimate.NeverFits = ClaimChange.LackingFor(facts, claim, MemberRoom.OfEmpty(facts, target)).Count > 0;
        }

        return estimate;
    }

    public void Dispose() => _places.Dispose();

    private async Task<MachineView> RunAsync(MoveRequest request, ActiveMove move)
    {
        try
        {
            while (true)
            {
                var way = await room.WaitAsync(request, move, await MayYieldAsync(request));
                try
                {
                    return way?.Detour is { } detour ? await GoRoundAsync(request, detour, move) : await TakeTurnAsync(request, move, way?.Successor);
                }
                catch (AgentException fault) when (fault.Fault == AgentFault.NoRoom)
                {
                    // Somebody else was faster, which this member hears of in a moment.
                    move.Say(fault.Message);
                    await clock.DelayAsync(clock.Timeouts.RoomRetry, move.Cancelled);
                }
            }
        }
        catch (OperationCanceledException) when (move.Cancelled.IsCancellationRequested)
        {
            throw new AgentException(AgentFault.NotPossible, "the move was cancelled before it began; the VM is where it was");
        }
        finally
        {
            lock (_lock)
            {
                _active.Remove(request.Uuid);
            }

            move.Dispose();
        }
    }

    /// <summary>By way of another member, whose agent sends it on. Whoever follows is told of both.</summary>
    private async Task<MachineView> GoRoundAsync(MoveRequest request, Member detour, ActiveMove move)
    {
        var found = await FindAsync(request.Uuid, lifetime.Stopping);
        var first = request.Clone();
        first.Target = detour.MachineId;
        first.SettledHost = found.Metadata.SettledHost; // until it is where it was asked to be
        await TakeTurnAsync(first, move);
        try
        {
            var second = request.Clone();
            second.Straight = true;
            return move.Cancelled.IsCancellationRequested
                ? throw new AgentException(AgentFault.NotPossible, "it was cancelled")
                : await peers.MoveOnAsync(detour, second, move, lifetime.Stopping);
        }
        catch (AgentException fault)
        {
            throw new AgentException(
                AgentFault.NotPossible, $"{found.Record.Spec.Name} is on {detour.Settings.Name}, by way of which it was to go, and did not get further: {fault.Message}", fault);
        }
    }

    private async Task<bool> MayYieldAsync(MoveRequest request)
        => await catalog.FindAsync(request.Uuid, lifetime.Stopping) is { } found && MoveModeRules.MayYield(found.State, request.Options?.Mode ?? MoveMode.Auto);

    /// <param name="successor">Who gets the machine's place before it has one at its target.</param>
    private async Task<MachineView> TakeTurnAsync(MoveRequest request, ActiveMove move, WaitingMove? successor = null)
    {
        using MoveTurn turn = new(_places, move);
        if (successor is null)
        {
            room.Announce(request);
            try
            {
                await turn.TakeAsync(); // else once that one has gone
            }
            finally
            {
                room.Withdraw(request);
            }
        }

        using (await locks.TakeAsync(request.Uuid, move.Cancelled))
        {
            return await CarryAsync(request, move, turn, successor);
        }
    }

    private async Task<MachineView> CarryAsync(MoveRequest request, ActiveMove move, MoveTurn turn, WaitingMove? successor)
    {
        var stopping = lifetime.Stopping;
        var found = await FindAsync(request.Uuid, stopping);
        if (request.Target == MachineFacts.MachineId)
        {
            return await reader.ViewAsync(found, stopping);
        }

        var target = peers.FindMember(request.Target) ?? throw new AgentException(AgentFault.NotPossible, $"the machine with the id {request.Target} is no member of the fabric {peers.Facts.Settings.Name} any more");
        RefuseUnready(found, target);
        if (await FindOpenAsync(request.Uuid, stopping) is { } open)
        {
            throw new AgentException(AgentFault.Unavailable, $"the last move of {found.Record.Spec.Name} is not closed yet: {peers.NameOf(open.Order.Target == MachineFacts.MachineId ? open.Order.Source : open.Order.Target)} did not answer; try again");
        }

        var byPostCopy = request.Options?.PostCopy == PostCopyUse.Always;
        MoveOrder? former = null;
        for (var attempt = 1; ; attempt++)
        {
            var outcome = await AttemptAsync(request, found, target, move, turn, byPostCopy, successor, former);
            (successor, former) = (null, outcome.Record.Order);
            if (outcome.Failure is not { } failure)
            {
                return outcome.Machine!;
            }

            var isLive = outcome.Record.Order.Mode == MoveMode.Live;
            var turnsToPostCopy = isLive && failure.TookTooLong && !byPostCopy && request.Options?.PostCopy == PostCopyUse.OnTimeout;
            var turnsOff = isLive && failure.WasRefused && request.Options is { AllowOffline: true, Mode: MoveMode.Auto };
            if (!(turnsToPostCopy || turnsOff || (failure.WasSilent && attempt < MostAttempts)) || !await IsClosedAsync(outcome.Record, target, move))
            {
                throw new AgentException(
                    failure.HadNoRoom ? AgentFault.NoRoom : AgentFault.NotPossible, $"{found.Record.Spec.Name} could not be moved to {target.Settings.Name}, and {MoveObstacle.WhereItIs(outcome.Record)}: {failure.Reason}"
                        + (isLive && failure.WasRefused ? $"; {MoveObstacle.OfflineRemedy}" : ""));
            }

            byPostCopy |= turnsToPostCopy;
            if (turnsOff)
            {
                move.Warn($"{found.Record.Spec.Name} can't go to {target.Settings.Name} live, and is moved cold (`migration.allowOffline`): {failure.Reason}");
                request = request.Clone();
                request.Options.Mode = MoveMode.Cold;
            }
            else
            {
                move.Say(turnsToPostCopy
                    ? $"not done within {request.Options!.TimeoutSeconds} s: moving {found.Record.Spec.Name} by post-copy"
                    : $"{failure.Reason}; all answer again: moving {found.Record.Spec.Name} anew");
            }

            found = await FindAsync(request.Uuid, stopping);
        }
    }

    /// <param name="former">Of the attempt before; null for the first.</param>
    private async Task<MoveAttempt> AttemptAsync(
        MoveRequest request, FoundMachine found, Member target, ActiveMove move, MoveTurn turn, bool byPostCopy, WaitingMove? successor, MoveOrder? former)
    {
        var stopping = lifetime.Stopping;
        var record = await OpenAsync(request, found, byPostCopy, successor, former, stopping);
        var order = record.Order;
        MoveFailure? failure = null;
        var whole = new Stopwatch();
        var isHeld = false;
        MoveConclusion? early = null;
        try
        {
            var client = await libvirt.GetAsync(stopping);
            FileCopy files = new(peers, client, order, target, request.Options ?? new(), move, clock);
            if (successor is not null)
            {
                await peers.YieldAsync(order, successor.Uuid, standsStill: false, stopping);
                whole.Start();
                await files.TurnOffAsync(found.Domain, stopping);
                await LetGoFirstAsync(request, order, successor, move);
                await turn.TakeAsync();
            }

            move.Say($"preparing {target.Settings.Name}");
            await peers.HoldAsync(order, stopping);
            isHeld = true;
            var wish = order.Clone();
            wish.Spec.CloudInit = CloudInitStore.Read(order.FabricId, order.Uuid);
            await peers.PrepareAsync(target, wish, move.Cancelled);
            if (order.PostCopy)
            {
                UserFaults.Allow(); // QEMU wants to know on this side, too, that it could
            }

            record = store.Enter(record, MovePhase.Copying);
            if (order.Offline)
            {
                whole.Start();
                await files.TurnOffAsync(found.Domain, stopping);
                failure = await files.RunAsync(found.Domain, stopping);
                record = failure is null ? store.EnterHandedOver(record, memoryLost: false) : record;
            }
            else
            {
                failure = await new MoveCopy(
                    peers, client, order, target, request.Options ?? new(), move, clock,
                    onSwitch: () => record = record.Phase == MovePhase.Switching ? record : store.Enter(record, MovePhase.Switching),
                    onEnded: async () => (record, early) = await settlement.TryHandOverAsync(record, found.Domain, stopping)).RunAsync(found, stopping);
                whole.Start();
            }
        }
        catch (Exception fault) when (fault is AgentException or LibvirtException)
        {
            failure = new(fault.Message, WasSilent: fault is AgentException { Fault: AgentFault.Unavailable }, HadNoRoom: !isHeld && fault is AgentException { Fault: AgentFault.NoRoom });
        }
        catch (OperationCanceledException) when (move.Cancelled.IsCancellationRequested)
        {
            failure = new("it was cancelled");
        }

        record = await DecideAsync(record, stopping);
        var conclusion = await TryCloseAsync(record, whole, move, stopping);
        foreach (var warning in new[] { early?.Warning, conclusion?.Warning }.Where(static warning => warning is { Length: > 0 }))
        {
            move.Warn(warning!);
        }

        if (failure is null or { MayBeRefused: true } && conclusion?.Refusal is { Length: > 0 } refusal)
        {
            failure = new(refusal, WasRefused: true);
        }

        if (conclusion is { Standing: MoveStanding.Owned, Machine: { } machine })
        {
            return new(record, machine, null);
        }

        return record.Phase == MovePhase.HandedOver && conclusion is null
            ? throw new AgentException(AgentFault.Unavailable, $"{order.Name} is handed over to {target.Settings.Name}, which does not answer; it goes on there as soon as it does, and nothing starts it elsewhere")
            : new(record, null, failure ?? new("its copy did not arrive whole"));
    }

    /// <summary>Has another machine take the place of this one, which stands still, and waits until the place of that one is free.</summary>
    private async Task LetGoFirstAsync(MoveRequest request, MoveOrder order, WaitingMove successor, ActiveMove move)
    {
        await peers.YieldAsync(order, successor.Uuid, standsStill: true, lifetime.Stopping);
        var straight = request.Clone();
        straight.Straight = true;
        await room.WaitAsync(straight, move, mayYield: false);
    }

    /// <summary>Whether the target, which was silent, is back and has cleaned up.</summary>
    private async Task<bool> IsClosedAsync(MoveRecord record, Member target, ActiveMove move)
    {
        move.Say($"waiting for {target.Settings.Name} to answer");
        for (var deadline = clock.In(clock.Timeouts.TargetReturn); store.Find(record.Order.Uuid) is { } open; await clock.DelayAsync(clock.Timeouts.TargetReturnPoll, lifetime.Stopping))
        {
            if (open.Phase != MovePhase.Kept || move.Cancelled.IsCancellationRequested || deadline.IsOver)
            {
                return false;
            }

            await TryCloseAsync(open, new Stopwatch(), move, lifetime.Stopping);
        }

        return true;
    }

    private async Task<FoundMachine> FindAsync(string uuid, CancellationToken cancellationToken)
        => await catalog.FindAsync(uuid, cancellationToken) ?? throw new AgentException(AgentFault.NotPossible, $"the machine {uuid} is not on this host; run `pulumi refresh`");

    /// <summary>The last move of a machine may just be about to be closed.</summary>
    private async Task<MoveRecord?> FindOpenAsync(string uuid, CancellationToken cancellationToken)
    {
        for (var deadline = clock.In(clock.Timeouts.Closing); store.Find(uuid) is not null && !deadline.IsOver;)
        {
            await clock.DelayAsync(clock.Timeouts.MovePoll, cancellationToken);
        }

        return store.Find(uuid);
    }

    private static void RefuseUnready(FoundMachine found, Member target)
    {
        if (found.Metadata.Phase == MachinePhase.Creating)
        {
            throw new AgentException(AgentFault.NotPossible, $"{found.Record.Spec.Name} was never made to its end; it has to be created first");
        }

        if (target.Departing)
        {
            throw new AgentException(AgentFault.NotPossible, $"host is '{target.Settings.Name}', which departs from the fabric; name another");
        }
    }

    private async Task<MoveRecord> OpenAsync(MoveRequest request, FoundMachine found, bool byPostCopy, WaitingMove? successor, MoveOrder? former, CancellationToken cancellationToken)
    {
        var definition = found.Defined.ToString();
        var wakesUp = found is { IsActive: false, Record.Spec.Running: true } && File.Exists(MovedFiles.SavedMemory(definition));
        var (mode, end, offline) = former is { Offline: true } && !found.IsActive
            ? (former.Mode, former.End, true) // it stays off for what was begun
            : MoveModeRules.Of(found.State, request.Options?.Mode ?? MoveMode.Auto, wakesUp, yields: successor is not null);
        var spec = found.Record.Spec;
        MoveOrder order = new()
        {
            FabricId = found.Metadata.FabricId,
            Uuid = found.Uuid,
            Number = Guid.NewGuid().ToString("n"),
            Source = MachineFacts.MachineId,
            Target = request.Target,
            SettledHost = request.SettledHost,
            Mode = mode,
            End = end,
            Name = spec.Name,
            Spec = spec,
            Leases = { found.Record.Leases },
            HasSeed = found.Record.HasSeed,
            Began = clock.Now.ToUnixTimeMilliseconds() / 1000d,
            PostCopy = byPostCopy && mode == MoveMode.Live,
            Definition = byPostCopy || offline ? definition : "",
            Offline = offline,
            YieldsTo = successor?.Uuid ?? "",
            WasOff = !found.IsActive,
        };
        foreach (var (wish, disk) in spec.Disks.Zip(found.Record.Disks))
        {
            order.Disks.Add(new MovedDisk
            {
                Path = disk.Path,
                Image = disk.Own ? wish.Image : "",
                SizeBytes = QemuImage.ReadSize(disk.Path) ?? throw new AgentException(AgentFault.NotPossible, $"the disk {disk.Target} of {spec.Name} can't be read: {disk.Path}"),
            });
            if (!disk.Own)
            {
                order.Volumes.Add(volumes.Find(wish.Volume) ?? throw new AgentException(AgentFault.NotPossible, $"the volume {wish.Volume} of {spec.Name} is not on this host"));
            }
        }

        return store.Write(new MoveRecord { Order = order, Phase = MovePhase.Preparing, DomainXml = definition, LogBytes = QemuLog.LengthOf(found.Domain.Name), View = await reader.ViewAsync(found, cancellationToken) });
    }

    /// <summary>libvirt may need a moment to be done, or to be back.</summary>
    private async Task<MoveRecord> DecideAsync(MoveRecord record, CancellationToken cancellationToken)
    {
        for (var deadline = clock.In(clock.Timeouts.Decision); ; await clock.DelayAsync(clock.Timeouts.MovePoll, cancellationToken))
        {
            try
            {
                record = await settlement.DecideAsync(record, cancellationToken);
                if (record.Phase is MovePhase.Kept or MovePhase.HandedOver)
                {
                    return record;
                }
            }
            catch (Exception fault) when (fault is AgentException or LibvirtException && !deadline.IsOver)
            {
                continue;
            }

            if (deadline.IsOver)
            {
                throw new AgentException(AgentFault.Unavailable, $"where {record.Order.Name} is can't be told yet, since libvirt is still busy with it; it is decided as soon as it can be");
            }
        }
    }

    private async Task<MoveConclusion?> TryCloseAsync(MoveRecord record, Stopwatch whole, ActiveMove move, CancellationToken cancellationToken)
    {
        try
        {
            return await settlement.CloseAsync(record, whole.Elapsed.TotalMilliseconds, cancellationToken);
        }
        catch (Exception fault) when (fault is AgentException or LibvirtException)
        {
            move.Say(fault.Message); // it is tried again until it is done
            return null;
        }
    }

    private async Task<long> ReadMemoryAsync(FoundMachine found, CancellationToken cancellationToken)
    {
        var all = found.Record.Spec.MemoryMib << 20;
        try
        {
            var statistics = await (await libvirt.GetAsync(cancellationToken)).GetStatisticsAsync([found.Domain], DomainStatisticsGroups.Balloon, cancellationToken: cancellationToken);
            return statistics.Count > 0 && statistics[0].Parameters.GetULong("balloon.rss") is { } residentKiB ? Math.Min((long)residentKiB << 10, all) : all;
        }
        catch (LibvirtException fault) when (fault.Fault == LibvirtFault.Rejected)
        {
            return all;
        }
    }
}
