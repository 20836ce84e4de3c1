using Pulumi.Blanket.Engine.Programs.Syntax;
using Pulumi.Blanket.Protocol.Values;

namespace Pulumi.Blanket.Engine.Programs.Expressions;

/// <summary>A value that stands in the program.</summary>
/// <param name="text">As it is written, such as <c>1.10</c>.</param>
internal sealed class LiteralExpression(Position position, PropertyValue value, string text) : Expression(position)
{
    public PropertyValue Value { get; } = value;

    public string Text { get; } = text;

    public override IEnumerable<Expression> Children => [];
}
