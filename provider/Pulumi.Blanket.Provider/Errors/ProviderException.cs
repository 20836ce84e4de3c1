namespace Pulumi.Blanket.Provider.Errors;

/// <summary>
/// An operation failed for a reason that is understood. The message is what the user reads: what failed, where, why, and what to do. It never
/// holds a secret.
/// </summary>
internal class ProviderException(FailureReason reason, string message, Exception? inner = null) : Exception(message, inner)
{
    public FailureReason Reason { get; } = reason;
}
