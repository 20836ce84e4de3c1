using Pulumi.Blanket.Engine.Programs.Expressions;
using Pulumi.Blanket.Engine.Programs.Schemas;
using Pulumi.Blanket.Engine.Programs.Syntax;

namespace Pulumi.Blanket.Engine.Programs.Documents;

/// <summary>A name for a value.</summary>
internal sealed class VariableDeclaration(string name, Position position, Expression value) : Declaration(name, position)
{
    public Expression Value { get; } = value;

    /// <summary>Set by the checker when first asked for; the value itself while it is being found out.</summary>
    public ValueSchema? Type { get; set; }

    public override string Kind => "a variable";
}
