using System.Collections.Immutable;

namespace Pulumi.Blanket.Engine;

internal sealed class MapExpression(Position position, ImmutableArray<NamedExpression> entries) : Expression(position)
{
    public ImmutableArray<NamedExpression> Entries { get; } = entries;

    public override IEnumerable<Expression> Children => Entries.Select(entry => entry.Value);
}
