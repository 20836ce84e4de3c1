using System.Collections.Immutable;
using Pulumi.Blanket.Engine.Programs.Syntax;

namespace Pulumi.Blanket.Engine.Programs.Expressions;

/// <summary>A call of a function that needs no provider.</summary>
internal sealed class FunctionExpression(Position position, BuiltInFunction function, ImmutableArray<Expression> arguments) : Expression(position)
{
    public BuiltInFunction Function { get; } = function;

    public ImmutableArray<Expression> Arguments { get; } = arguments;

    public override IEnumerable<Expression> Children => Arguments;
}
