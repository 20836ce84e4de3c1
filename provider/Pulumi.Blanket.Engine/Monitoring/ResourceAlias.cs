namespace Pulumi.Blanket.Engine.Monitoring;

/// <summary>A name that a resource had before: its URN, or what of it was different.</summary>
/// <param name="ParentUrn">The former parent; null where it is the same one.</param>
/// <param name="NoParent">It had no parent but the stack.</param>
public sealed record ResourceAlias(string? Urn = null, string? Name = null, string? Type = null, string? Stack = null, string? Project = null, string? ParentUrn = null, bool NoParent = false);
