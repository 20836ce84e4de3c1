namespace Pulumi.Blanket.Lab;

/// <summary>A lab could not do what was asked. The message says what, why, and what to do about it.</summary>
public sealed class LabException(LabFailure failure, string message) : Exception(message)
{
    public LabFailure Failure { get; } = failure;

    /// <summary>True when the user can mend it without looking further: reported with exit code 2 instead of 1.</summary>
    public bool IsUsage => Failure is LabFailure.InvalidInput or LabFailure.UnmetRequirement or LabFailure.NotFound or LabFailure.Conflict;
}
