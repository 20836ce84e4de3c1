using System.Collections.Immutable;

namespace Pulumi.Blanket.Engine;

internal sealed class ListExpression(Position position, ImmutableArray<Expression> items) : Expression(position)
{
    public ImmutableArray<Expression> Items { get; } = items;

    public override IEnumerable<Expression> Children => Items;
}
