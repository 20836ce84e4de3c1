namespace Pulumi.Blanket.Engine.Projects;

/// <summary>A setting of a stack, opened.</summary>
/// <param name="Text">As it stands in the file; JSON where <paramref name="IsObject"/>.</param>
/// <param name="IsSecret">It, or something inside it, is secret.</param>
/// <param name="IsObject">It is a list or a map.</param>
public sealed record ConfigValue(string Text, bool IsSecret = false, bool IsObject = false);
