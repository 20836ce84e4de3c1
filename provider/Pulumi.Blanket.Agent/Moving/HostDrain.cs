using Pulumi.Blanket.Agent.Fabrics;
using Pulumi.Blanket.Agent.Hosts;
using Pulumi.Blanket.Agent.Machine;
using Pulumi.Blanket.Agent.Machines;
using Pulumi.Blanket.Agent.Members;
using Pulumi.Blanket.Agent.Serving;
using Pulumi.Blanket.Agent.Timing;
using Pulumi.Blanket.Agent.Volumes;
using Pulumi.Blanket.Contract;
using Pulumi.Blanket.Libvirt.Errors;

namespace Pulumi.Blanket.Agent.Moving;

/// <summary>Empties a host that departs from its fabric, and takes it out: what deleting a Host does before it gives the machine back.</summary>
internal sealed class HostDrain(
    HostStore hosts, FabricStore fabrics, MemberExit exit, MovePeers peers, MachineCatalog catalog, VolumeStore volumes, OutgoingMoves moves, FactsCatchUp catchUp, MoveStore store, AgentLifetime lifetime, AgentClock clock) : IDisposable
{
    private readonly SemaphoreSlim _oneAtATime = new(1);
    private readonly Lock _lock = new();
    private CancellationTokenSource _cancelled = new();

    /// <param name="urn">Of the resource that gives the host back.</param>
    /// <exception cref="AgentException">The host is no departing member, something has no place elsewhere, or did not get there. Nothing is lost: what moved is where it moved to.</exception>
    public async Task RunAsync(string urn, IMachineTeller teller)
    {
        var cancellationToken = lifetime.Stopping;
        var cancelled = Cancelled; // of what is asked for now, also while it waits for its turn
        await _oneAtATime.WaitAsync(cancellationToken);
        try
        {
            // A member that was away may not have heard yet that it departs.
            if (hosts.Record?.Owners.Any(owner => owner != urn) != true && fabrics.Current is { } known
                && await catchUp.UntilAsync(known, IsDeparting, cancellationToken) is var facts && Self(facts) is { } self)
            {
                if (!self.Departing)
                {
                    throw new AgentException(AgentFault.NotPossible,
                        $"the host is a member of the fabric {facts.Settings.Name} ({facts.FabricId}); take it out of the `hosts` of that Fabric first, then its VMs move to other members when it is deleted; where the fabric is gone, run `blanket-agent leave` on it");
                }

                await EmptyAsync(facts, teller, cancelled, cancellationToken);
                RefuseCancelled(cancelled);
                teller.Say($"leaving the fabric {facts.Settings.Name}");
                await LeaveAsync(facts, cancellationToken);
            }
        }
        finally
        {
            _oneAtATime.Release();
        }
    }

    /// <summary>Ends what was asked for until now.</summary>
    public void Cancel()
    {
        CancellationTokenSource ended;
        lock (_lock)
        {
            (ended, _cancelled) = (_cancelled, new CancellationTokenSource());
        }

        using (ended)
        {
            ended.Cancel();
        }
    }

    public void Dispose()
    {
        _oneAtATime.Dispose();
        _cancelled.Dispose();
    }

    private CancellationToken Cancelled
    {
        get
        {
            lock (_lock)
            {
                return _cancelled.Token;
            }
        }
    }

    private static void RefuseCancelled(CancellationToken cancelled)
    {
        if (cancelled.IsCancellationRequested)
        {
            throw new AgentException(AgentFault.NotPossible, "moving the VMs away was cancelled; what had moved is where it moved to");
        }
    }

    private static bool IsDeparting(FabricFacts facts) => Self(facts) is { Departing: true };

    private static Member? Self(FabricFacts facts) => facts.Members.FirstOrDefault(member => member.MachineId == MachineFacts.MachineId);

    private async Task EmptyAsync(FabricFacts facts, IMachineTeller teller, CancellationToken cancelled, CancellationToken cancellationToken)
    {
        var machines = await catalog.ListAsync(cancellationToken);
        RefuseUnready(machines);
        var plan = DrainPlan.Make(
            facts, MachineFacts.MachineId, machines.Select(machine => (machine.Uuid, machine.Record.Spec.Name, machine.Metadata.SettledHost)), await FindSilentAsync(facts, cancellationToken));
        if (plan.Homeless.Count > 0)
        {
            throw new AgentException(AgentFault.NotPossible,
                $"not all that is on the host has room elsewhere, and nothing was moved: {string.Join("; ", plan.Homeless)}; add a host, raise another one's `limit` or `oversubscription`, or make or delete VMs");
        }

        if (machines.Count == 0)
        {
            return;
        }

        RefuseCancelled(cancelled);
        teller.Say($"moving its VMs away: {string.Join(", ", machines.Select(machine => $"{machine.Record.Spec.Name} to {plan.Targets[machine.Uuid].Settings.Name}"))}");
        var failures = (await Task.WhenAll(machines.Select(machine => TryMoveAsync(machine, plan.Targets[machine.Uuid], teller, cancelled)))).OfType<AgentException>().ToList();
        if (failures.Count > 0)
        {
            throw new AgentException(failures[0].Fault, string.Join("; ", failures.Select(failure => failure.Message)));
        }
    }

    /// <returns>Why it did not move.</returns>
    private async Task<AgentException?> TryMoveAsync(FoundMachine machine, Member target, IMachineTeller teller, CancellationToken cancelled)
    {
        var name = machine.Record.Spec.Name;
        try
        {
            var moved = await moves.MoveAsync(
                new MoveRequest { Uuid = machine.Uuid, Target = target.MachineId, SettledHost = machine.Metadata.SettledHost, Options = new MoveOptions() }, new NamedTeller(name, teller), cancelled);
            teller.Say($"{name} is on {target.Settings.Name}{(moved.LastMove is { } report ? $" ({report.Mode}, {report.Seconds:0.0} s)" : "")}");
            return null;
        }
        catch (AgentException fault)
        {
            return fault;
        }
        catch (LibvirtException fault)
        {
            return new AgentException(AgentFault.Unavailable, $"{name}: {fault.Message}", fault);
        }
    }

    private void RefuseUnready(IReadOnlyList<FoundMachine> machines)
    {
        if (machines.FirstOrDefault(machine => machine.Metadata.Phase == MachinePhase.Creating) is { } unmade)
        {
            throw new AgentException(AgentFault.NotPossible, $"{unmade.Record.Spec.Name} on the host was never made to its end; run `pulumi up` for it, or delete it, first");
        }

        var used = machines.SelectMany(machine => machine.Record.Spec.Disks).Select(disk => disk.Volume).ToHashSet(StringComparer.Ordinal);
        string[] alone = [.. volumes.List().Where(volume => !used.Contains(volume.Uuid)).Select(volume => volume.Name)];
        if (alone.Length > 0)
        {
            throw new AgentException(AgentFault.NotPossible, $"volumes that no VM takes along are on the host: {string.Join(", ", alone)}; give each to a VM that is here, or save what is on it and delete it, first");
        }
    }

    private async Task<HashSet<string>> FindSilentAsync(FabricFacts facts, CancellationToken cancellationToken)
    {
        var answers = await Task.WhenAll(facts.Members.Where(member => member.MachineId != MachineFacts.MachineId)
            .Select(async member => (member.MachineId, Answers: await peers.IsThereAsync(member, clock.Timeouts.DrainAnswer, cancellationToken))));
        return [.. answers.Where(answer => !answer.Answers).Select(answer => answer.MachineId)];
    }

    private async Task LeaveAsync(FabricFacts facts, CancellationToken cancellationToken)
    {
        for (var deadline = clock.In(clock.Timeouts.DrainRegistry); ; await clock.DelayAsync(clock.Timeouts.DrainPoll, cancellationToken))
        {
            try
            {
                store.RefuseDamage();
                if (store.Open.FirstOrDefault() is { } open)
                {
                    // Its target may have to ask this host what became of the machine.
                    throw new AgentException(AgentFault.NotPossible, $"the last move of {open.Order.Name} is not closed yet; try again in a moment");
                }

                await peers.DischargeAsync(cancellationToken);
                break;
            }
            catch (AgentException fault) when (fault.Fault == AgentFault.NotPossible && !deadline.IsOver)
            {
                // What has arrived elsewhere, the primary hears a moment later.
            }
        }

        await exit.LeaveAsync(facts.FabricId, cancellationToken);
    }
}
