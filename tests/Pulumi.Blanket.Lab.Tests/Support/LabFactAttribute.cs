using System.Runtime.CompilerServices;

namespace Pulumi.Blanket.Lab.Tests.Support;

/// <summary>A test that runs on a real lab: skipped, with the reason, where this process may not make one.</summary>
public sealed class LabFactAttribute : FactAttribute
{
    public LabFactAttribute([CallerFilePath] string? file = null, [CallerLineNumber] int line = -1)
        : base(file, line)
        => Skip = LabAvailability.Reason;
}
