using Pulumi.Blanket.Engine.Programs.Syntax;

namespace Pulumi.Blanket.Engine.Programs.Expressions;

/// <summary>A call of a provider's function. Such calls take time, so each is a step of the run of its own.</summary>
/// <param name="token">As it is written.</param>
internal sealed class InvokeExpression(Position position, string token, Position tokenPosition) : Expression(position)
{
    /// <summary>Set to the full token by the checker.</summary>
    public string Token { get; set; } = token;

    public Position TokenPosition { get; } = tokenPosition;

    public MapExpression? Arguments { get; init; }

    /// <summary>The one part of the result that is wanted; null for all of it.</summary>
    public string? Return { get; init; }

    public Position ReturnPosition { get; init; }

    /// <summary>A provider that the checker chose where the program names none is set later.</summary>
    public Expression? Provider { get; set; }

    public Expression? Parent { get; init; }

    public Expression? DependsOn { get; init; }

    public string Version { get; init; } = "";

    /// <summary>The step of the run in which it is called. Set by the planner.</summary>
    public int Step { get; set; } = -1;

    public override IEnumerable<Expression> Children => new[] { Arguments, Provider, Parent, DependsOn }.OfType<Expression>();
}
