using System.Collections.Concurrent;
using System.Diagnostics;
using Pulumi.Blanket.Agent.Machine;
using Pulumi.Blanket.Agent.Registry;
using Pulumi.Blanket.Agent.Timing;
using Pulumi.Blanket.Contract;

namespace Pulumi.Blanket.Agent.Moving;

/// <summary>
/// Waits until a move's target has room, for as long as others are leaving it: in one update machines come and go in any order. Of two that trade places one goes by way of a third host; where there is
/// none, one that may stand still does, and lets the other one go first.
/// </summary>
internal sealed class MoveRoom(MovePeers peers, AgentClock clock)
{
    private readonly ConcurrentDictionary<string, WaitingMove> _waiting = [];

    /// <summary>Machines of this member that wait for room elsewhere.</summary>
    public ICollection<WaitingMove> Waiting => _waiting.Values;

    /// <summary>By what this member knows; that the room is held is the primary's matter, afterwards.</summary>
    /// <param name="mayYield">Whether the machine may stand still until it is at its target.</param>
    /// <returns>Null: there is room. Else how it gets there all the same.</returns>
    /// <exception cref="AgentException">There is no room, and nobody leaves; or not within the time that the user gave the move.</exception>
    /// <exception cref="OperationCanceledException">The move was cancelled.</exception>
    public async Task<MoveWay?> WaitAsync(MoveRequest request, ActiveMove move, bool mayYield)
    {
        try
        {
            return await TryWaitAsync(request, move, mayYield);
        }
        finally
        {
            Withdraw(request);
        }
    }

    /// <summary>It has room, and waits for its turn only: whoever wants its place may count on that.</summary>
    public void Announce(MoveRequest request)
        => _waiting[request.Uuid] = new WaitingMove { Uuid = request.Uuid, Name = peers.Facts.Machines.FirstOrDefault(claim => claim.Uuid == request.Uuid)?.Name ?? request.Uuid, Target = request.Target, HasRoom = true };

    public void Withdraw(MoveRequest request) => _waiting.TryRemove(request.Uuid, out _);

    private async Task<MoveWay?> TryWaitAsync(MoveRequest request, ActiveMove move, bool mayYield)
    {
        var limit = request.Options?.TimeoutSeconds is > 0 and var seconds ? TimeSpan.FromSeconds(seconds) : TimeSpan.MaxValue;
        var told = "";
        WaitingMove? opposite = null;
        var hasNoDetour = request.Straight;
        for (var still = Stopwatch.StartNew(); ; await clock.DelayAsync(clock.Timeouts.RoomPoll, move.Cancelled))
        {
            var facts = peers.Facts;
            if (peers.FindMember(request.Target) is not { } target || facts.Machines.FirstOrDefault(machine => machine.Uuid == request.Uuid) is not { } claim || claim.Member == request.Target)
            {
                return null; // it is there already; or what is wrong, others say better
            }

            var lacking = ClaimChange.LackingFor(facts, claim, MemberRoom.Of(facts, target, request.Uuid));
            var ahead = lacking.Count > 0 ? FindLeaving(facts, target) : ClaimChange.FindAhead(facts, request.Uuid, request.Target);
            if (lacking.Count == 0 && ahead.Count == 0)
            {
                return null;
            }

            _waiting[request.Uuid] = new WaitingMove { Uuid = claim.Uuid, Name = claim.Name, Target = request.Target, MemoryMib = claim.MemoryMib, HasRoom = lacking.Count == 0, MayYield = mayYield, HasNoDetour = hasNoDetour };
            var (moving, silent, partner) = await LookAheadAsync(facts, claim, target, ahead, isLacking: lacking.Count > 0, move.Cancelled);
            if (partner is not null && !request.Straight && GoesFirst(claim, partner))
            {
                if (await FindDetourAsync(facts, claim, target, move.Cancelled) is { } detour)
                {
                    move.Say($"{claim.Name} and {partner.Name} trade places: {claim.Name} goes by way of {detour.Settings.Name}");
                    return new MoveWay(Detour: detour);
                }

                hasNoDetour = true;
            }

            if (partner is not null && mayYield && YieldsFirst(claim, partner, hasNoDetour) && FitsInstead(facts, partner, claim))
            {
                move.Say($"{claim.Name} and {partner.Name} trade places: {claim.Name} stands still, and {partner.Name} goes first");
                return new MoveWay(Successor: partner);
            }

            if (moving.Count > 0)
            {
                still.Restart();
            }

            // One that gave up before this one is in its way all the same.
            opposite = partner ?? (facts.Machines.Any(machine => machine.Uuid == opposite?.Uuid && machine.Member == request.Target) ? opposite : null);
            var obstacle = MoveObstacle.Describe(claim.Name, target.Settings.Name, lacking, moving, [.. ahead.Select(other => other.Name)], [.. silent.Select(peers.NameOf)], opposite?.Name, mayYield || opposite?.MayYield == true);
            if (still.Elapsed > clock.Timeouts.Room || move.Since.Elapsed > limit || (lacking.Count > 0 && IsInVain(facts, claim, MemberRoom.OfEmpty(facts, target), move.Since.Elapsed)))
            {
                throw new AgentException(AgentFault.NotPossible, $"{obstacle}; {MoveObstacle.Remedy(lacking.Count > 0, silent.Count > 0)}");
            }

            if (obstacle != told)
            {
                move.Say(told = obstacle);
            }
        }
    }

    /// <summary>It has no room there even without the others; and if it is for its disks alone, the member has had the time to tell of more.</summary>
    private bool IsInVain(FabricFacts facts, MachineClaim claim, MemberRoom empty, TimeSpan waited)
        => ClaimChange.LackingFor(facts, claim, empty).Count switch
        {
            0 => false,
            1 when empty.LacksStorage(ClaimChange.StorageOf(facts, claim)) => waited > clock.Timeouts.RoomNews,
            _ => true,
        };

    /// <returns>Names of machines that make way and go on doing so; machine ids of members that do not answer; a machine that waits for this one's place.</returns>
    private async Task<(IReadOnlyList<string> Moving, IReadOnlySet<string> Silent, WaitingMove? Partner)> LookAheadAsync(
        FabricFacts facts, MachineClaim claim, Member target, IReadOnlyList<MachineClaim> ahead, bool isLacking, CancellationToken cancellationToken)
    {
        var silent = await FindSilentAsync(ahead.SelectMany(other => new[] { other.Member, other.MovingTo }).Append(target.MachineId), cancellationToken);
        string[] moving = [.. ahead.Where(other => !silent.Contains(other.Member) && !silent.Contains(other.MovingTo)).Select(other => other.Name)];
        if (!isLacking || moving.Length > 0 || silent.Contains(target.MachineId))
        {
            return (moving, silent, null);
        }

        // What only waits for others to arrive elsewhere leaves as soon as they have.
        var waiting = await peers.ListWaitingAsync(target, clock.Timeouts.RoomAnswer, cancellationToken);
        moving = [.. waiting.Where(other => other.HasRoom).Select(other => other.Name)];
        return (moving, silent, moving.Length == 0 ? FindPartner(facts, claim, target, waiting) : null);
    }

    private static IReadOnlyList<MachineClaim> FindLeaving(FabricFacts facts, Member target)
        => [.. facts.Machines.Where(machine => machine.Member == target.MachineId && machine.MovingTo.Length > 0)];

    /// <summary>Machine ids of members of which nothing moves on, since they do not answer or are none any more.</summary>
    private async Task<IReadOnlySet<string>> FindSilentAsync(IEnumerable<string> machines, CancellationToken cancellationToken)
    {
        var answers = await Task.WhenAll(machines.Distinct().Where(machine => machine != MachineFacts.MachineId).Select(async machine
            => (Machine: machine, IsThere: peers.FindMember(machine) is { } member && await peers.IsThereAsync(member, clock.Timeouts.RoomAnswer, cancellationToken))));
        return answers.Where(answer => !answer.IsThere).Select(answer => answer.Machine).ToHashSet(StringComparer.Ordinal);
    }

    /// <summary>A machine at the target that waits for room here, and leaves enough of it there; none for which another one stands still already, or that does so for another one.</summary>
    private static WaitingMove? FindPartner(FabricFacts facts, MachineClaim claim, Member target, IEnumerable<WaitingMove> waiting)
        => waiting.FirstOrDefault(other => other.Target == MachineFacts.MachineId && FitsWithout(facts, claim, target, other.Uuid)
            && !facts.Machines.Any(machine => machine.Uuid != claim.Uuid && (machine.YieldsTo == other.Uuid || (machine.Uuid == other.Uuid && machine.YieldsTo.Length > 0))));

    private static bool FitsWithout(FabricFacts facts, MachineClaim claim, Member target, string uuid)
    {
        var without = facts.Clone();
        ClaimChange.Release(without, [uuid]);
        return ClaimChange.LackingFor(without, claim, MemberRoom.Of(without, target, claim.Uuid)).Count == 0;
    }

    /// <summary>Both sides come to the same answer: the smaller one makes the longer way.</summary>
    private static bool GoesFirst(MachineClaim claim, WaitingMove partner)
        => (claim.MemoryMib, claim.Uuid).CompareTo((partner.MemoryMib, partner.Uuid)) < 0;

    /// <summary>Of two that may stand still the one that would have made the longer way; once it is clear that there is none.</summary>
    private static bool YieldsFirst(MachineClaim claim, WaitingMove partner, bool hasNoDetour)
        => GoesFirst(claim, partner) ? hasNoDetour : partner is { HasNoDetour: true, MayYield: false };

    /// <summary>Whether the other one has room here as soon as this one stands still, with the disks of both.</summary>
    private static bool FitsInstead(FabricFacts facts, WaitingMove partner, MachineClaim claim)
    {
        var instead = facts.Clone();
        var still = instead.Machines.First(machine => machine.Uuid == claim.Uuid);
        (still.YieldsTo, still.StandsStill) = (partner.Uuid, true);
        return instead.Machines.FirstOrDefault(machine => machine.Uuid == partner.Uuid) is { } other && instead.Members.FirstOrDefault(member => member.MachineId == claim.Member) is { } here
            && ClaimChange.LackingFor(instead, other, MemberRoom.Of(instead, here, other.Uuid)).Count == 0;
    }

    private async Task<Member?> FindDetourAsync(FabricFacts facts, MachineClaim claim, Member target, CancellationToken cancellationToken)
    {
        var rooms = facts.Members
            .Where(member => member.MachineId != target.MachineId && member.MachineId != MachineFacts.MachineId && !member.Departing && member.Settings.Schedulable)
            .Where(member => ClaimChange.FindAhead(facts, claim.Uuid, member.MachineId).Count == 0)
            .Select(member => MemberRoom.Of(facts, member, claim.Uuid)).Where(room => ClaimChange.LackingFor(facts, claim, room).Count == 0).OrderByDescending(room => room.MemoryMib);
        foreach (var room in rooms)
        {
            if (await peers.IsThereAsync(room.Member, clock.Timeouts.RoomAnswer, cancellationToken))
            {
                return room.Member;
            }
        }

        return null;
    }
}
