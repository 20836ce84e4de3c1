namespace Pulumi.Blanket.Provider.Definitions;

/// <summary>A closed set of texts.</summary>
internal sealed record EnumDefinition(string Name, string Description, IReadOnlyList<EnumValueDefinition> Values);
