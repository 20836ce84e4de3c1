namespace Pulumi.Blanket.Lab.Tests.Support;

internal static class LabAvailability
{
    /// <summary>Why there can be no lab here; null where there can.</summary>
    public static string? Reason { get; } = Environment.IsPrivilegedProcess ? null : "needs root for a lab: run `sudo make test`";
}
