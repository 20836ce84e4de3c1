using Pulumi.Blanket.Engine.Programs.Syntax;

namespace Pulumi.Blanket.Engine.Programs.Documents;

/// <summary>Something that a program gives a name: a setting, a variable or a resource.</summary>
internal abstract class Declaration(string name, Position position)
{
    public string Name { get; } = name;

    public Position Position { get; } = position;

    /// <summary>What a reader would call it.</summary>
    public abstract string Kind { get; }

    /// <summary>The step of the run that makes it. Set by the planner; settings have none.</summary>
    public int Step { get; set; } = -1;
}
