using Pulumi.Blanket.Engine.Programs.Expressions;

namespace Pulumi.Blanket.Engine.Programs.Documents;

/// <summary>A program as it stands in its file.</summary>
internal sealed class ProgramDocument
{
    public List<ConfigDeclaration> Config { get; } = [];

    public List<VariableDeclaration> Variables { get; } = [];

    public List<ResourceDeclaration> Resources { get; } = [];

    public List<NamedExpression> Outputs { get; } = [];
}
