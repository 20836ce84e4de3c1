using Pulumi.Blanket.Engine.Programs.Syntax;

namespace Pulumi.Blanket.Engine.Programs.Expressions;

/// <summary>A name in a map, and its value.</summary>
/// <param name="Name">As it is written.</param>
/// <param name="Key">What the name becomes, where it holds a reference; null where it is what is written.</param>
internal readonly record struct NamedExpression(string Name, Position Position, Expression Value, Expression? Key = null);
