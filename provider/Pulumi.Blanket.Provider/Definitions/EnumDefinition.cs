namespace Pulumi.Blanket.Provider;

/// <summary>A closed set of texts.</summary>
internal sealed record EnumDefinition(string Name, string Description, IReadOnlyList<EnumValueDefinition> Values);
