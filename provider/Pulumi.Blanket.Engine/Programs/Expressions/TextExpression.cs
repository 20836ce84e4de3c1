using System.Collections.Immutable;
using Pulumi.Blanket.Engine.Programs.Syntax;

namespace Pulumi.Blanket.Engine.Programs.Expressions;

/// <summary>Text with values in it, such as <c>http://${vm.addresses[0]}:80</c>.</summary>
/// <param name="parts">Literals, which are text, and references.</param>
internal sealed class TextExpression(Position position, ImmutableArray<Expression> parts) : Expression(position)
{
    public ImmutableArray<Expression> Parts { get; } = parts;

    public override IEnumerable<Expression> Children => Parts;
}
