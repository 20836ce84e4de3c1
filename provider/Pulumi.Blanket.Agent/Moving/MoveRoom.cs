using System.Collections.Concurrent;
using System.Diagnostics;
using Pulumi.Blanket.Agent.Hosts;
using Pulumi.Blanket.Agent.Registry;
using Pulumi.Blanket.Contract;

namespace Pulumi.Blanket.Agent.Moving;

/// <summary>Waits until a move's target has room, for as long as others are leaving it: in one update machines come and go in any order. Of two that trade places one goes by way of a third host.</summary>
internal sealed class MoveRoom(MovePeers peers)
{
    /// <summary>For others to begin to leave: the same update may ask them to in a moment.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(0.5);
    private static readonly TimeSpan AnswerPatience = TimeSpan.FromSeconds(2);

    private readonly ConcurrentDictionary<string, WaitingMove> _waiting = [];

    /// <summary>Machines of this member that wait for room elsewhere.</summary>
    public ICollection<WaitingMove> Waiting => _waiting.Values;

    /// <summary>By what this member knows; that the room is held is the primary's matter, afterwards.</summary>
    /// <returns>Null: there is room. Else the member by way of which the machine is to go, since it and another one wait for each other's place.</returns>
    /// <exception cref="AgentException">There is no room, and nobody leaves; or not within the time that the user gave the move.</exception>
    /// <exception cref="OperationCanceledException">The move was cancelled.</exception>
    public async Task<Member?> WaitAsync(MoveRequest request, ActiveMove move)
    {
        try
        {
            return await TryWaitAsync(request, move);
        }
        finally
        {
            _waiting.TryRemove(request.Uuid, out _);
        }
    }

    private async Task<Member?> TryWaitAsync(MoveRequest request, ActiveMove move)
    {
        var limit = request.Options?.TimeoutSeconds is > 0 and var seconds ? TimeSpan.FromSeconds(seconds) : TimeSpan.MaxValue;
        var told = "";
        for (var still = Stopwatch.StartNew(); ; await Task.Delay(Look, move.Cancelled))
        {
            var facts = peers.Facts;
            if (peers.FindMember(request.Target) is not { } target || facts.Machines.FirstOrDefault(machine => machine.Uuid == request.Uuid) is not { } claim || claim.Member == request.Target)
            {
                return null; // it is there already; or what is wrong, others say better
            }

            var lacking = ClaimChange.LackingFor(facts, claim, MemberRoom.Of(facts, target, request.Uuid));
            var arriving = ClaimChange.FindArriving(facts, request.Uuid, request.Target);
            if (lacking.Count == 0 && arriving.Count < ClaimChange.MostArriving)
            {
                return null;
            }

            _waiting[request.Uuid] = new WaitingMove { Uuid = claim.Uuid, Name = claim.Name, Target = request.Target, MemoryMib = claim.MemoryMib };
            var leaving = facts.Machines.Where(machine => machine.Member == request.Target && machine.MovingTo.Length > 0).Select(machine => machine.Name).ToList();
            var partner = lacking.Count > 0 && leaving.Count == 0 ? await FindPartnerAsync(target, move.Cancelled) : null;
            if (partner is not null && GoesFirst(claim, partner) && await FindDetourAsync(facts, claim, target, move.Cancelled) is { } detour)
            {
                move.Say($"{claim.Name} and {partner.Name} trade places: {claim.Name} goes by way of {detour.Settings.Name}");
                return detour;
            }

            var obstacle = lacking.Count == 0 ? $"{string.Join(", ", arriving)} are on their way there"
                : leaving.Count > 0 ? $"{string.Join(", ", lacking)}; it waits for {string.Join(", ", leaving)} to leave"
                : partner is not null ? $"{string.Join(", ", lacking)}; it and {partner.Name} wait for each other's place, and no third host has room for either"
                : $"{string.Join(", ", lacking)}, and no machine is leaving it";
            if (lacking.Count == 0 || leaving.Count > 0)
            {
                still.Restart();
            }

            if (still.Elapsed > Patience || move.Since.Elapsed > limit || (lacking.Count > 0 && ClaimChange.LackingFor(facts, claim, MemberRoom.OfEmpty(facts, target)).Count > 0))
            {
                throw new AgentException(AgentFault.NotPossible,
                    $"{claim.Name} has no room on {target.Settings.Name}: {obstacle}; make it smaller, move or delete others first, or raise the host's `limit` or `oversubscription`");
            }

            var line = $"no room on {target.Settings.Name} yet: {obstacle}";
            if (line != told)
            {
                move.Say(told = line);
            }
        }
    }

    /// <summary>A machine at the target that waits for room here.</summary>
    private async Task<WaitingMove?> FindPartnerAsync(Member target, CancellationToken cancellationToken)
        => (await peers.ListWaitingAsync(target, AnswerPatience, cancellationToken)).FirstOrDefault(waiting => waiting.Target == MachineFacts.MachineId);

    /// <summary>Both sides come to the same answer: the smaller one makes the longer way.</summary>
    private static bool GoesFirst(MachineClaim claim, WaitingMove partner)
        => (claim.MemoryMib, claim.Uuid).CompareTo((partner.MemoryMib, partner.Uuid)) < 0;

    private async Task<Member?> FindDetourAsync(FabricFacts facts, MachineClaim claim, Member target, CancellationToken cancellationToken)
    {
        var rooms = facts.Members
            .Where(member => member.MachineId != target.MachineId && member.MachineId != MachineFacts.MachineId && !member.Departing && member.Settings.Schedulable)
            .Select(member => MemberRoom.Of(facts, member, claim.Uuid)).Where(room => ClaimChange.LackingFor(facts, claim, room).Count == 0).OrderByDescending(room => room.MemoryMib);
        foreach (var room in rooms)
        {
            if (await peers.IsThereAsync(room.Member, AnswerPatience, cancellationToken))
            {
                return room.Member;
            }
        }

        return null;
    }
}
