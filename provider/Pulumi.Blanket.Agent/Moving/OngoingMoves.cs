using Pulumi.Blanket.Agent.Serving;

namespace Pulumi.Blanket.Agent.Moving;

/// <summary>Moves that go on from or to this member: their guests would wait for the agent.</summary>
internal sealed class OngoingMoves(MoveStore moves, OutgoingMoves outgoing) : IDelicateWork
{
    public bool IsGoingOn => outgoing.IsAnyActive || moves.Open.Any(static record => record.Phase is MovePhase.Preparing or MovePhase.Copying or MovePhase.Switching or MovePhase.Expected);
}
