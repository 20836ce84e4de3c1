using System.Diagnostics;
using Pulumi.Blanket.Agent.Registry;
using Pulumi.Blanket.Contract;

namespace Pulumi.Blanket.Agent.Moving;

/// <summary>Waits until a move's target has room, for as long as others are leaving it: in one update machines come and go in any order.</summary>
internal sealed class MoveRoom(MovePeers peers)
{
    /// <summary>For others to begin to leave: the same update may ask them to in a moment.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(0.5);

    /// <summary>By what this member knows; that the room is held is the primary's matter, afterwards.</summary>
    /// <exception cref="AgentException">There is no room, and nobody leaves; or not within the time that the user gave the move.</exception>
    /// <exception cref="OperationCanceledException">The move was cancelled.</exception>
    public async Task WaitAsync(MoveRequest request, ActiveMove move)
    {
        var whole = Stopwatch.StartNew();
        var limit = request.Options?.TimeoutSeconds is > 0 and var seconds ? TimeSpan.FromSeconds(seconds) : TimeSpan.MaxValue;
        var told = "";
        for (var still = Stopwatch.StartNew(); ; await Task.Delay(Look, move.Cancelled))
        {
            var facts = peers.Facts;
            if (peers.FindMember(request.Target) is not { } target || facts.Machines.FirstOrDefault(machine => machine.Uuid == request.Uuid) is not { } claim || claim.Member == request.Target)
            {
                return; // it is there already; or what is wrong, others say better
            }

            var lacking = ClaimChange.LackingFor(facts, claim, MemberRoom.Of(facts, target, request.Uuid));
            if (lacking.Count == 0)
            {
                return;
            }

            var leaving = facts.Machines.Where(machine => machine.Member == request.Target && machine.MovingTo.Length > 0).Select(machine => machine.Name).ToList();
            if (leaving.Count > 0)
            {
                still.Restart();
            }

            var wait = leaving.Count > 0 ? $"; it waits for {string.Join(", ", leaving)} to leave" : "";
            if (still.Elapsed > Patience || whole.Elapsed > limit || ClaimChange.LackingFor(facts, claim, MemberRoom.OfEmpty(facts, target)).Count > 0)
            {
                throw new AgentException(AgentFault.NotPossible,
                    $"{claim.Name} has no room on {target.Settings.Name}: {string.Join(", ", lacking)}{(leaving.Count > 0 ? wait : ", and no machine is leaving it")}; make it smaller, move or delete others first, or raise the host's `limit` or `oversubscription`");
            }

            var line = $"no room on {target.Settings.Name} yet: {string.Join(", ", lacking)}{wait}";
            if (line != told)
            {
                move.Say(told = line);
            }
        }
    }
}
