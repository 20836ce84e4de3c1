using Pulumi.Blanket.Protocol.Values;

namespace Pulumi.Blanket.Provider.Definitions;

/// <summary>What a record of ours says about one property.</summary>
internal sealed record PropertyDefinition
{
    /// <summary>The name that programs use.</summary>
    public required string Name { get; init; }

    /// <summary>As it is declared, without what follows from rules and defaults.</summary>
    public required string Description { get; init; }

    public required ValueDefinition Value { get; init; }

    /// <summary>An input that has to be given; an output that is always there.</summary>
    public required bool IsRequired { get; init; }

    public bool IsSecret { get; init; }

    /// <summary>An output that no update changes.</summary>
    public bool IsStable { get; init; }

    public PropertyValue? Default { get; init; }

    public ReplacesAttribute? Replaces { get; init; }

    public AutoNameAttribute? AutoName { get; init; }

    public IReadOnlyList<RuleAttribute> Rules { get; init; } = [];
}
