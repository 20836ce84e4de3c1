namespace Pulumi.Blanket.Engine.Programs.Schemas;

/// <summary>A named property.</summary>
/// <param name="type">Found when it is first asked for, as types may hold themselves.</param>
internal sealed class PropertySchema(Lazy<ValueSchema> type, string description, bool isSecret, bool hasDefault, string? deprecation)
{
    public ValueSchema Type => type.Value;

    /// <summary>Its first sentence; may be empty.</summary>
    public string Description { get; } = description;

    public bool IsSecret { get; } = isSecret;

    /// <summary>The provider fills it in, so that nobody has to give it.</summary>
    public bool HasDefault { get; } = hasDefault;

    /// <summary>What to use instead; null where it may be used.</summary>
    public string? Deprecation { get; } = deprecation;
}
