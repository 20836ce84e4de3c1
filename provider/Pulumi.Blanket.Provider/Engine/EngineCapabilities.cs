namespace Pulumi.Blanket.Provider.Engine;

/// <summary>What the engine said of itself in the handshake.</summary>
internal sealed record EngineCapabilities
{
    public bool SupportsViews { get; init; }

    public bool SupportsRefreshBeforeUpdate { get; init; }

    /// <summary>The engine tells functions whether they run in a preview.</summary>
    public bool InvokesWithPreview { get; init; }
}
