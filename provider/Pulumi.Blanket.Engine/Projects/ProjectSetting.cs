namespace Pulumi.Blanket.Engine.Projects;

/// <summary>A setting that the project declares for all of its stacks.</summary>
/// <param name="Key">The full key.</param>
/// <param name="Type">Such as <c>string</c>; null where it is not said.</param>
/// <param name="Value">What a stack has that says nothing else; null where it has to say.</param>
public sealed record ProjectSetting(string Key, string? Type, ConfigValue? Value, bool IsSecret);
