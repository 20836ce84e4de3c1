using Pulumi.Blanket.Engine.Programs.Syntax;

namespace Pulumi.Blanket.Engine.Programs.Expressions;

/// <summary>A name in a map, and its value.</summary>
internal readonly record struct NamedExpression(string Name, Position Position, Expression Value);
