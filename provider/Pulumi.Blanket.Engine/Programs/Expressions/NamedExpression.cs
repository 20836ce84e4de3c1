namespace Pulumi.Blanket.Engine;

/// <summary>A name in a map, and its value.</summary>
internal readonly record struct NamedExpression(string Name, Position Position, Expression Value);
