namespace Pulumi.Blanket.Engine.Plugins;

/// <summary>Where provider plugins come from: processes of this machine, or, in tests, a server that is there already.</summary>
public interface IProviderSource
{
    /// <summary>Starts a plugin, which has not been shaken hands with yet.</summary>
    /// <param name="package">The package's name, such as <c>blanket</c>.</param>
    /// <param name="version">Empty for any.</param>
    /// <param name="engineAddress">Address of the engine's own services, for the plugin's command line.</param>
    /// <exception cref="EngineException">There is no such plugin, or it did not start.</exception>
    Task<ProviderConnection> ConnectAsync(string package, string version, string engineAddress, CancellationToken cancellationToken);
}
