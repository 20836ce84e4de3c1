using System.Collections.Immutable;
using Pulumi.Blanket.Engine.Programs.Syntax;

namespace Pulumi.Blanket.Engine.Programs.Expressions;

internal sealed class ListExpression(Position position, ImmutableArray<Expression> items) : Expression(position)
{
    public ImmutableArray<Expression> Items { get; } = items;

    public override IEnumerable<Expression> Children => Items;
}
