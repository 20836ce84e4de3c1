using Pulumi.Blanket.Engine.Programs.Expressions;
using Pulumi.Blanket.Engine.Programs.Schemas;
using Pulumi.Blanket.Engine.Programs.Syntax;

namespace Pulumi.Blanket.Engine.Programs.Documents;

/// <summary>A resource that a program wants, or wants to read.</summary>
internal sealed class ResourceDeclaration(string name, Position position) : Declaration(name, position)
{
    public const string ProviderPrefix = "pulumi:providers:";

    /// <summary>As it is written.</summary>
    public string Type { get; set; } = "";

    public Position TypePosition { get; set; } = position;

    /// <summary>Null where it is called as it is named in the program.</summary>
    public Expression? LogicalName { get; set; }

    public MapExpression? Properties { get; set; }

    public OptionExpressions Options { get; } = new();

    /// <summary>The id of the resource to read; null for one that the program makes.</summary>
    public Expression? ReadId { get; set; }

    public MapExpression? ReadState { get; set; }

    /// <summary>A provider for all resources and calls of its package that name none.</summary>
    public bool IsDefaultProvider { get; set; }

    /// <summary>Set by the checker; null where the type is not known.</summary>
    public ResourceSchema? Schema { get; set; }

    public bool IsProvider => Type.StartsWith(ProviderPrefix, StringComparison.Ordinal);

    /// <summary>The package whose schema tells of it.</summary>
    public string Package => IsProvider ? Type[ProviderPrefix.Length..] : Type.Split(':')[0];

    public override string Kind => "a resource";
}
