namespace Pulumi.Blanket.Provider.Definitions;

/// <summary>An output that no update changes: previews of updates know it.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class StableAttribute : Attribute;
