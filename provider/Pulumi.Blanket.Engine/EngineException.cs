namespace Pulumi.Blanket.Engine;

/// <summary>What the engine can't do, in words for the user: what, where, why, and what to do.</summary>
public sealed class EngineException(EngineFailure reason, string message, Exception? inner = null) : Exception(message, inner)
{
    public EngineFailure Reason { get; } = reason;
}
