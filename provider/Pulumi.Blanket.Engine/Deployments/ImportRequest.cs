namespace Pulumi.Blanket.Engine.Deployments;

/// <summary>A resource to take over into the stack.</summary>
/// <param name="Parent">URN; empty for the stack.</param>
/// <param name="Provider">The provider's URN; empty for the default one.</param>
public sealed record ImportRequest(string Type, string Name, string Id, string Parent = "", string Provider = "", bool Protect = true, string Version = "");
