using System.Collections.Immutable;
using System.Text.Json;
using Pulumi.Blanket.Protocol.Values;

namespace Pulumi.Blanket.Engine.States;

/// <summary>
/// What a stack's state says of one resource. Immutable; the names are those of Pulumi's checkpoint
/// (pulumi/pulumi, <c>sdk/go/common/apitype/core.go</c>, ResourceV3).
/// </summary>
public sealed record ResourceState
{
    public required string Urn { get; init; }

    public required string Type { get; init; }

    /// <summary>True when a provider manages it; false for components, the stack and views.</summary>
    public bool Custom { get; init; }

    /// <summary>It was replaced, and is still to be deleted.</summary>
    public bool Delete { get; init; }

    /// <summary>Empty where it has none.</summary>
    public string Id { get; init; } = "";

    public ObjectValue Inputs { get; init; } = ObjectValue.Empty;

    public ObjectValue Outputs { get; init; } = ObjectValue.Empty;

    /// <summary>URN; empty for none.</summary>
    public string Parent { get; init; } = "";

    public bool Protect { get; init; }

    /// <summary>The user asked for its replacement.</summary>
    public bool Taint { get; init; }

    /// <summary>It was only read, and is not the stack's to change.</summary>
    public bool External { get; init; }

    public ImmutableArray<string> Dependencies { get; init; } = [];

    /// <summary>What the provider said of an operation that made the resource but did not finish.</summary>
    public ImmutableArray<string> InitErrors { get; init; } = [];

    /// <summary>The provider's reference, <c>&lt;urn&gt;::&lt;id&gt;</c>; empty for what has none.</summary>
    public string Provider { get; init; } = "";

    /// <summary>By input, the URNs on which it depends; null where nothing is known of them.</summary>
    public ImmutableSortedDictionary<string, ImmutableArray<string>>? PropertyDependencies { get; init; }

    /// <summary>It was deleted, and its replacement not made yet.</summary>
    public bool PendingReplacement { get; init; }

    public ImmutableArray<string> AdditionalSecretOutputs { get; init; } = [];

    /// <summary>URNs that it had before.</summary>
    public ImmutableArray<string> Aliases { get; init; } = [];

    public CustomTimeouts CustomTimeouts { get; init; } = CustomTimeouts.None;

    /// <summary>The id by which it was imported; empty for none.</summary>
    public string ImportId { get; init; } = "";

    public bool RetainOnDelete { get; init; }

    /// <summary>URN of the resource with which it goes away; empty for none.</summary>
    public string DeletedWith { get; init; } = "";

    public ImmutableArray<string> ReplaceWith { get; init; } = [];

    public DateTimeOffset? Created { get; init; }

    public DateTimeOffset? Modified { get; init; }

    public ImmutableArray<string> IgnoreChanges { get; init; } = [];

    public ImmutableArray<string> ReplaceOnChanges { get; init; } = [];

    public bool RefreshBeforeUpdate { get; init; }

    /// <summary>URN of the resource of which it is a view; empty for none.</summary>
    public string ViewOf { get; init; } = "";

    /// <summary>Fields of the state file that this engine has no use for, and hands on.</summary>
    public ImmutableSortedDictionary<string, JsonElement> Others { get; init; } = ImmutableSortedDictionary<string, JsonElement>.Empty;

    /// <summary>URNs of all that has to be there for it: what it depends on, its provider, its parent, and what it goes with.</summary>
    internal IEnumerable<string> AllDependencies
        => Dependencies.Concat(PropertyDependencies?.Values.SelectMany(urns => urns) ?? []).Append(Provider.Length > 0 ? States.ProviderReference.UrnOf(Provider) : "")
            .Append(Parent).Append(DeletedWith).Append(ViewOf).Where(urn => urn.Length > 0);

    /// <summary>The reference by which resources name this provider.</summary>
    public string ProviderReference => $"{Urn}::{Id}";
}
