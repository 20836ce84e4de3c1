using Pulumi.Blanket.Contract;

namespace Pulumi.Blanket.Agent.Moving;

/// <summary>What became of one attempt to move a machine.</summary>
/// <param name="Machine">As it is at the target; null where it is still here.</param>
/// <param name="Failure">Null where it is at the target.</param>
internal sealed record MoveAttempt(MoveRecord Record, MachineView? Machine, MoveFailure? Failure);
