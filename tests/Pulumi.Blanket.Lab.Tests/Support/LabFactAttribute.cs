using System.Runtime.CompilerServices;

namespace Pulumi.Blanket.Lab.Tests;

/// <summary>A test that runs on a real lab: skipped, with the reason, where this process may not make one.</summary>
public sealed class LabFactAttribute : FactAttribute
{
    public LabFactAttribute([CallerFilePath] string? file = null, [CallerLineNumber] int line = -1)
        : base(file, line)
        => Skip = LabAvailability.Reason;
}

/// <summary>As <see cref="LabFactAttribute"/>, for theories.</summary>
public sealed class LabTheoryAttribute : TheoryAttribute
{
    public LabTheoryAttribute([CallerFilePath] string? file = null, [CallerLineNumber] int line = -1)
        : base(file, line)
        => Skip = LabAvailability.Reason;
}

internal static class LabAvailability
{
    /// <summary>Why there can be no lab here; null where there can.</summary>
    public static string? Reason { get; } = Environment.IsPrivilegedProcess ? null : "needs root for a lab: run `sudo make test`";
}
