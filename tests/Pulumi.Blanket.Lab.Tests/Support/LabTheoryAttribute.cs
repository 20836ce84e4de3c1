using System.Runtime.CompilerServices;

namespace Pulumi.Blanket.Lab.Tests.Support;

/// <summary>As <see cref="LabFactAttribute"/>, for theories.</summary>
public sealed class LabTheoryAttribute : TheoryAttribute
{
    public LabTheoryAttribute([CallerFilePath] string? file = null, [CallerLineNumber] int line = -1)
        : base(file, line)
        => Skip = LabAvailability.Reason;
}
