namespace Pulumi.Blanket.Agent;

/// <summary>The agent can't do what it was asked. The message says what, why, and what to do; it is for the user.</summary>
internal sealed class AgentException(AgentFault fault, string message, Exception? inner = null) : Exception(message, inner)
{
    public AgentFault Fault { get; } = fault;

    /// <summary>It may be otherwise within <see cref="Timing.AgentTimeouts.RoomNews"/>, without anybody's doing: room for disks is what members told of it last.</summary>
    public bool MayPass { get; init; }
}
