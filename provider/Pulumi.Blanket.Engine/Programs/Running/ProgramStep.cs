using Pulumi.Blanket.Engine.Programs.Documents;
using Pulumi.Blanket.Engine.Programs.Expressions;
using Pulumi.Blanket.Engine.Programs.Syntax;

namespace Pulumi.Blanket.Engine.Programs.Running;

/// <summary>A part of a run that waits for others: a variable, a resource, or a call of a provider's function.</summary>
/// <param name="Subject">A <see cref="VariableDeclaration"/>, a <see cref="ResourceDeclaration"/> or an <see cref="InvokeExpression"/>.</param>
/// <param name="Position">Of steps that could begin, the first in the file does.</param>
internal sealed record ProgramStep(object Subject, Position Position)
{
    /// <summary>The steps that wait for this one.</summary>
    public List<int> Dependents { get; } = [];

    /// <summary>For how many steps it waits.</summary>
    public int Needs { get; set; }
}
