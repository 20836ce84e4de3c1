using System.Collections.Immutable;
using Pulumi.Blanket.Protocol.Values;

namespace Pulumi.Blanket.Engine.Monitoring;

/// <summary>What a program wants a resource to be.</summary>
public sealed record ResourceGoal
{
    /// <summary>The full type token, such as <c>blanket:index:Host</c>.</summary>
    public required string Type { get; init; }

    public required string Name { get; init; }

    /// <summary>True when a provider manages it; false for components that the program makes itself, and for the stack.</summary>
    public bool Custom { get; init; }

    /// <summary>True for a component that its provider makes.</summary>
    public bool Remote { get; init; }

    /// <summary>URN; empty only for the stack.</summary>
    public string Parent { get; init; } = "";

    /// <summary>May hold unknown and secret values, no output values.</summary>
    public ObjectValue Inputs { get; init; } = ObjectValue.Empty;

    /// <summary>By input, the URNs on which it depends, an empty list for none.</summary>
    public ImmutableSortedDictionary<string, ImmutableArray<string>> PropertyDependencies { get; init; } = ImmutableSortedDictionary<string, ImmutableArray<string>>.Empty;

    public ResourceOptions Options { get; init; } = ResourceOptions.None;
}
