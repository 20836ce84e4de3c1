namespace Pulumi.Blanket.Engine.Plugins;

/// <summary>The schemas of packages, as their plugins give them.</summary>
public interface IPackageSchemas
{
    /// <summary>The schema as JSON text; each package is asked once.</summary>
    /// <param name="version">Empty for any.</param>
    /// <exception cref="EngineException">There is no plugin for the package, or it did not start.</exception>
    Task<string> GetAsync(string package, string version, CancellationToken cancellationToken);
}
