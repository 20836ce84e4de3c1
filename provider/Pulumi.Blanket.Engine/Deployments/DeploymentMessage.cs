namespace Pulumi.Blanket.Engine.Deployments;

/// <summary>Something to tell the user.</summary>
/// <param name="Urn">The resource that it is about; empty for the whole deployment.</param>
/// <param name="IsEphemeral">Progress, that the next one about the same resource replaces.</param>
public sealed record DeploymentMessage(MessageSeverity Severity, string Text, string Urn = "", bool IsEphemeral = false);
