using System.Collections.Immutable;

namespace Pulumi.Blanket.Engine.Programs.Syntax;

/// <summary>A map, in the file's order. No name stands in it twice.</summary>
internal sealed class MappingSyntax(Position position, ImmutableArray<MappingEntry> entries) : SyntaxNode(position)
{
    public ImmutableArray<MappingEntry> Entries { get; } = entries;

    public override string Kind => "a map";
}
