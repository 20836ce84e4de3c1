using Pulumi.Blanket.Protocol.Values;

namespace Pulumi.Blanket.Engine.Monitoring;

/// <summary>What a running program asks of the engine. Safe to call from many threads; each call returns when its resource is done.</summary>
public interface IResourceMonitor
{
    /// <exception cref="ResourceFailedException">The resource, or the deployment, failed; the user has been told, and the program ends quietly.</exception>
    Task<RegisteredResource> RegisterResourceAsync(ResourceGoal goal, CancellationToken cancellationToken);

    /// <summary>Reads a resource that exists, and is not the stack's to change.</summary>
    /// <exception cref="ResourceFailedException">As above.</exception>
    Task<RegisteredResource> ReadResourceAsync(ReadGoal goal, CancellationToken cancellationToken);

    /// <summary>The outputs of a component, or of the stack.</summary>
    Task RegisterOutputsAsync(string urn, ObjectValue outputs, CancellationToken cancellationToken);

    /// <summary>Calls a function of a provider. The arguments are wholly known.</summary>
    /// <exception cref="EngineException">The function failed; the message says which, and why.</exception>
    Task<ObjectValue> InvokeAsync(InvokeGoal goal, CancellationToken cancellationToken);
}
