using System.Collections.Immutable;
using Pulumi.Blanket.Engine.States;

namespace Pulumi.Blanket.Engine.Monitoring;

/// <summary>How the engine is to treat a resource, whatever its type.</summary>
public sealed record ResourceOptions
{
    public static ResourceOptions None { get; } = new();

    /// <summary>Null leaves it to the parent.</summary>
    public bool? Protect { get; init; }

    /// <summary>URNs beside those that its properties depend on.</summary>
    public ImmutableArray<string> DependsOn { get; init; } = [];

    /// <summary>The provider's reference, <c>&lt;urn&gt;::&lt;id&gt;</c>; empty for the parent's, or the default one.</summary>
    public string Provider { get; init; } = "";

    /// <summary>By package, references of providers for a component's children.</summary>
    public ImmutableSortedDictionary<string, string> Providers { get; init; } = ImmutableSortedDictionary<string, string>.Empty;

    /// <summary>Paths of properties.</summary>
    public ImmutableArray<string> IgnoreChanges { get; init; } = [];

    /// <summary>Paths of properties; <c>*</c> is all of them.</summary>
    public ImmutableArray<string> ReplaceOnChanges { get; init; } = [];

    /// <summary>Null leaves it to the provider.</summary>
    public bool? DeleteBeforeReplace { get; init; }

    public ImmutableArray<string> AdditionalSecretOutputs { get; init; } = [];

    public CustomTimeouts CustomTimeouts { get; init; } = CustomTimeouts.None;

    /// <summary>Null leaves it to the parent.</summary>
    public bool? RetainOnDelete { get; init; }

    /// <summary>URN; empty for none.</summary>
    public string DeletedWith { get; init; } = "";

    /// <summary>URNs.</summary>
    public ImmutableArray<string> ReplaceWith { get; init; } = [];

    public ImmutableArray<ResourceAlias> Aliases { get; init; } = [];

    /// <summary>The id of an existing resource to take over; empty for none.</summary>
    public string Import { get; init; } = "";

    /// <summary>The plugin's version; empty for any.</summary>
    public string Version { get; init; } = "";

    public string PluginDownloadUrl { get; init; } = "";
}
