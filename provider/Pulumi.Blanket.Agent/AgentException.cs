namespace Pulumi.Blanket.Agent;

/// <summary>The agent can't do what it was asked. The message says what, why, and what to do; it is for the user.</summary>
internal sealed class AgentException(AgentFault fault, string message, Exception? inner = null) : Exception(message, inner)
{
    public AgentFault Fault { get; } = fault;
}
