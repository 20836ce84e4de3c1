using Pulumi.Blanket.Contract;
using Pulumi.Blanket.Libvirt.Domains;

namespace Pulumi.Blanket.Agent.Moving;

/// <summary>How far a machine has come that moves by post-copy, by what the target's libvirt says of it. Pure.</summary>
internal static class Arrival
{
    public static ArrivalState Of(DomainStatus status) => status switch
    {
        { State: DomainState.None } => ArrivalState.Absent,
        { PausedReason: PausedReason.PostCopy or PausedReason.PostCopyFailed } or { RunningReason: RunningReason.PostCopy or RunningReason.PostCopyFailed } => ArrivalState.Pulling,

        // Paused by a full disk, say, it ran before.
        { PausedReason: PausedReason.Migration or PausedReason.StartingUp or PausedReason.Unknown } => ArrivalState.Standing,
        _ => ArrivalState.Whole,
    };
}
