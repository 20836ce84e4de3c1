using Pulumi.Blanket.Engine.Programs.Schemas;
using Pulumi.Blanket.Engine.Programs.Syntax;
using Pulumi.Blanket.Protocol.Values;

namespace Pulumi.Blanket.Engine.Programs.Documents;

/// <summary>A setting that a stack gives a program.</summary>
internal sealed class ConfigDeclaration(string name, Position position) : Declaration(name, position)
{
    /// <summary>Null where the file names no type, and no default from which it would follow: the setting is then text.</summary>
    public ValueSchema? Type { get; set; }

    /// <summary>Null for none: then the stack has to give it.</summary>
    public PropertyValue? Default { get; set; }

    public bool IsSecret { get; set; }

    /// <summary>The program does not declare it, and names it with its namespace: <c>${gcp:region}</c>.</summary>
    public bool IsImplicit { get; init; }

    public override string Kind => "a setting";

    /// <summary>The name under which a stack keeps it; a name with a namespace is taken as it is.</summary>
    public string KeyIn(string project) => Name.Contains(':') ? Name : $"{project}:{Name}";
}
