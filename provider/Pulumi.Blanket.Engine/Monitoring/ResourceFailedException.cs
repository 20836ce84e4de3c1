namespace Pulumi.Blanket.Engine.Monitoring;

/// <summary>A registration that came to nothing. The user has been told why; the program that asked has nothing to add.</summary>
public sealed class ResourceFailedException(string message) : Exception(message);
