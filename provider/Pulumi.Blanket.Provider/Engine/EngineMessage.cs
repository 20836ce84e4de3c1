namespace Pulumi.Blanket.Provider.Engine;

/// <summary>A message to the user.</summary>
/// <param name="Urn">The resource that it is about; empty for the whole run.</param>
/// <param name="IsProgress">It replaces the last one of its kind, and is not kept.</param>
internal sealed record EngineMessage(EngineSeverity Severity, string Text, string Urn, bool IsProgress = false);
