namespace Pulumi.Blanket.Engine.Programs.Syntax;

/// <summary>A node of a YAML file, with its place.</summary>
internal abstract class SyntaxNode(Position position)
{
    public Position Position { get; } = position;

    /// <summary>What a reader would call it.</summary>
    public abstract string Kind { get; }
}
