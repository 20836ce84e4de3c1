using System.Collections.Immutable;

namespace Pulumi.Blanket.Engine.Programs.Syntax;

/// <summary>A list.</summary>
internal sealed class SequenceSyntax(Position position, ImmutableArray<SyntaxNode> items) : SyntaxNode(position)
{
    public ImmutableArray<SyntaxNode> Items { get; } = items;

    public override string Kind => "a list";
}
