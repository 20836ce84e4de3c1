using System.Collections.Immutable;
using Pulumi.Blanket.Engine.Programs.Syntax;

namespace Pulumi.Blanket.Engine.Programs.Checking;

/// <summary>Gathers what is wrong in a file.</summary>
internal sealed class DiagnosticList(string file)
{
    private readonly List<ProgramDiagnostic> _diagnostics = [];

    public int Count => _diagnostics.Count;

    public void Error(Position position, string message, string? hint = null)
        => _diagnostics.Add(new ProgramDiagnostic(file, position.Line, position.Column, message, hint));

    public void Warning(Position position, string message, string? hint = null)
        => _diagnostics.Add(new ProgramDiagnostic(file, position.Line, position.Column, message, hint, IsWarning: true));

    /// <summary>Where they stand in the file, each once: what an anchor holds may be read several times.</summary>
    public ImmutableArray<ProgramDiagnostic> InOrder()
        => [.. _diagnostics.Distinct().OrderBy(diagnostic => diagnostic.Line).ThenBy(diagnostic => diagnostic.Column)];

    /// <exception cref="ProgramException">There is an error among them.</exception>
    public void ThrowIfAny()
    {
        if (_diagnostics.Any(diagnostic => !diagnostic.IsWarning))
        {
            throw new ProgramException(InOrder());
        }
    }
}
