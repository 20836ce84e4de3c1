namespace Pulumi.Blanket.Provider.Definitions;

/// <summary>One text of a closed set.</summary>
/// <param name="Name">Its name in generated SDKs.</param>
/// <param name="Value">The text itself.</param>
internal sealed record EnumValueDefinition(string Name, string Value, string Description);
