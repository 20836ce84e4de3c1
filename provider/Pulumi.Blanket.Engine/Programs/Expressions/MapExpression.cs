using System.Collections.Immutable;
using Pulumi.Blanket.Engine.Programs.Syntax;

namespace Pulumi.Blanket.Engine.Programs.Expressions;

internal sealed class MapExpression(Position position, ImmutableArray<NamedExpression> entries) : Expression(position)
{
    public ImmutableArray<NamedExpression> Entries { get; } = entries;

    public override IEnumerable<Expression> Children => Entries.Select(entry => entry.Value).Concat(Entries.Select(entry => entry.Key).OfType<Expression>());
}
