using Pulumi.Blanket.Agent.Timing;
using Pulumi.Blanket.Contract;
using Pulumi.Blanket.Libvirt.Domains;

namespace Pulumi.Blanket.Agent.Moving;

/// <summary>
/// Whose a machine is that does not run at the source any more, in a move by post-copy. There the target runs it before the source is asked, so that its disks
/// there may be the newer ones; whether it ever ran there is what decides.
/// </summary>
internal sealed class PostCopyJudge(MovePeers peers, AgentClock clock)
{
    /// <param name="status">Of the domain at the source: paused, or off.</param>
    /// <returns>Whose it is, and whether its memory is lost.</returns>
    /// <exception cref="AgentException">The target does not answer: it can't be told yet.</exception>
    public async Task<(MoveFate Fate, bool MemoryLost)> JudgeAsync(MoveRecord record, DomainReference domain, DomainStatus status, CancellationToken cancellationToken)
    {
        var order = record.Order;
        if (peers.FindMember(order.Target) is not { } target)
        {
            return (MoveFate.Mine, false); // the user gave the target up
        }

        var isConnected = status.State == DomainState.Paused && await CopyConnections.AnyAsync(domain, target, cancellationToken);
        for (var deadline = clock.In(clock.Timeouts.PostCopyEnd); ; await clock.DelayAsync(clock.Timeouts.PostCopyPoll, cancellationToken))
        {
            switch (await peers.InspectAsync(target, order, cancellationToken))
            {
                case ArrivalState.Whole:
                    return (MoveFate.Gone, false);
                case ArrivalState.Pulling or ArrivalState.Standing when isConnected:
                    return (MoveFate.Busy, false); // QEMU goes on with it, whatever libvirt knows of that
                case ArrivalState.Pulling when deadline.IsOver:
                    return (MoveFate.Gone, true);
                case ArrivalState.Standing:
                    return (MoveFate.Mine, false);
                case ArrivalState.Absent:
                    // libvirt defines a machine at the target before it runs it, so this one never ran there. One that had stopped here for it has lost its memory, and its disks are the same on both sides.
                    return status.PausedReason is PausedReason.PostCopy or PausedReason.PostCopyFailed ? (MoveFate.Gone, true) : (MoveFate.Mine, false);
            }
        }
    }
}
