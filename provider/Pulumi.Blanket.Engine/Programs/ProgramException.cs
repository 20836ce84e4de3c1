using System.Collections.Immutable;

namespace Pulumi.Blanket.Engine.Programs;

/// <summary>A program that can't be run: all that is wrong with it, at once.</summary>
public sealed class ProgramException(ImmutableArray<ProgramDiagnostic> diagnostics) : Exception(string.Join(Environment.NewLine, diagnostics))
{
    public ImmutableArray<ProgramDiagnostic> Diagnostics { get; } = diagnostics;
}
