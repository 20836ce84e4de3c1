using Pulumi.Blanket.Engine.Programs.Syntax;

namespace Pulumi.Blanket.Engine.Programs.Expressions;

/// <summary>Something in a program that has a value.</summary>
internal abstract class Expression(Position position)
{
    public Position Position { get; } = position;

    /// <summary>
    /// The value is to become text: a number or a truth value stands where the schema wants text. Set by the checker.
    /// </summary>
    public bool AsText { get; set; }

    /// <summary>The expressions right inside this one.</summary>
    public abstract IEnumerable<Expression> Children { get; }
}
