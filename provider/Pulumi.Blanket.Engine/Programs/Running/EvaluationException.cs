using Pulumi.Blanket.Engine.Programs.Syntax;

namespace Pulumi.Blanket.Engine.Programs.Running;

/// <summary>A value that can't be had, found out only while the program runs.</summary>
internal sealed class EvaluationException(Position position, string message, string? hint = null) : Exception(message)
{
    public Position Position { get; } = position;

    public string? Hint { get; } = hint;
}
