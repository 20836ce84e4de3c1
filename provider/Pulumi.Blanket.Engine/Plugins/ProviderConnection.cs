using Pulumi.Blanket.Protocol.Contract;

namespace Pulumi.Blanket.Engine.Plugins;

/// <summary>A plugin that runs, and the connection to it; disposing of it ends both.</summary>
/// <param name="client">Calls it.</param>
/// <param name="folder">The plugin's folder.</param>
/// <param name="end">Ends the plugin and the connection.</param>
public sealed class ProviderConnection(ResourceProvider.ResourceProviderClient client, string folder, Func<ValueTask> end) : IAsyncDisposable
{
    public ResourceProvider.ResourceProviderClient Client { get; } = client;

    public string Folder { get; } = folder;

    public ValueTask DisposeAsync() => end();
}
