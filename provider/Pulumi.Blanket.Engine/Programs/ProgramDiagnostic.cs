namespace Pulumi.Blanket.Engine.Programs;

/// <summary>One thing that is wrong in a program, or looks so.</summary>
/// <param name="File">Relative to the project's folder.</param>
/// <param name="Line">From 1.</param>
/// <param name="Column">From 1.</param>
/// <param name="Message">What is wrong.</param>
/// <param name="Hint">What to do; null where the message says it already.</param>
/// <param name="IsWarning">The program can run all the same.</param>
public sealed record ProgramDiagnostic(string File, int Line, int Column, string Message, string? Hint = null, bool IsWarning = false)
{
    public override string ToString() => $"{File}:{Line}:{Column}: {(IsWarning ? "warning" : "error")}: {Message}{(Hint is null ? "" : $"; {Hint}")}";
}
