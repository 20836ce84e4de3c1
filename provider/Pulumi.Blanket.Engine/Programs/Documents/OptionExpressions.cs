using Pulumi.Blanket.Engine.Programs.Expressions;
using Pulumi.Blanket.Engine.States;

namespace Pulumi.Blanket.Engine.Programs.Documents;

/// <summary>The options of a resource as they stand in the program; null for those that don't.</summary>
internal sealed class OptionExpressions
{
    public Expression? DependsOn { get; set; }

    public Expression? Parent { get; set; }

    public Expression? Provider { get; set; }

    public Expression? Providers { get; set; }

    public Expression? Protect { get; set; }

    public Expression? IgnoreChanges { get; set; }

    public Expression? ReplaceOnChanges { get; set; }

    public Expression? AdditionalSecretOutputs { get; set; }

    public Expression? DeleteBeforeReplace { get; set; }

    public Expression? RetainOnDelete { get; set; }

    public Expression? DeletedWith { get; set; }

    public Expression? ReplaceWith { get; set; }

    public Expression? Aliases { get; set; }

    public Expression? Import { get; set; }

    public CustomTimeouts CustomTimeouts { get; set; } = CustomTimeouts.None;

    public string Version { get; set; } = "";

    public string PluginDownloadUrl { get; set; } = "";

    public IEnumerable<Expression> All => new[]
    {
        DependsOn, Parent, Provider, Providers, Protect, IgnoreChanges, ReplaceOnChanges, AdditionalSecretOutputs,
        DeleteBeforeReplace, RetainOnDelete, DeletedWith, ReplaceWith, Aliases, Import,
    }.OfType<Expression>();
}
