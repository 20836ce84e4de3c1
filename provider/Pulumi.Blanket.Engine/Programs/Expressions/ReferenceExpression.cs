using System.Collections.Immutable;
using Pulumi.Blanket.Engine.Programs.Documents;
using Pulumi.Blanket.Engine.Programs.Syntax;

namespace Pulumi.Blanket.Engine.Programs.Expressions;

/// <summary>What a name stands for, or something inside it, such as <c>${vm.addresses[0]}</c>.</summary>
internal sealed class ReferenceExpression(Position position, string name, ImmutableArray<Accessor> accessors, string text) : Expression(position)
{
    public string Name { get; } = name;

    public ImmutableArray<Accessor> Accessors { get; } = accessors;

    /// <summary>As it is written, without <c>${}</c>.</summary>
    public string Text { get; } = text;

    /// <summary>Set by the checker; null for what the program knows of itself (<c>pulumi.stack</c>).</summary>
    public Declaration? Target { get; set; }

    public override IEnumerable<Expression> Children => [];
}
