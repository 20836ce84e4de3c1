using System.Collections.Immutable;

namespace Pulumi.Blanket.Engine.Plugins;

/// <summary>
/// Finds a package's plugin: the project's own <c>plugins</c>, the folder of the running program, Pulumi's plugin folder, then <c>PATH</c>.
/// </summary>
/// <param name="projectPlugins">By package, a folder or a program.</param>
/// <param name="ownFolder">Folder of the running program.</param>
/// <param name="pulumiHome">Pulumi's own folder, usually <c>~/.pulumi</c>.</param>
public sealed class PluginFinder(ImmutableSortedDictionary<string, string> projectPlugins, string ownFolder, string pulumiHome)
{
    /// <summary>The plugin's path.</summary>
    /// <exception cref="EngineException">There is none.</exception>
    public string Find(string package, string version)
    {
        var program = $"pulumi-resource-{package}";
        var candidates = Named(package, program).Concat(Installed(package, program, version)).Concat(OnPath(program));
        return candidates.FirstOrDefault(File.Exists) ?? throw new EngineException(EngineFailure.NotFound,
            $"there is no plugin {program}{(version.Length == 0 ? "" : $" {version}")}: it is neither named in the project's `plugins`, nor in {ownFolder}, nor in {Path.Combine(pulumiHome, "plugins")}, nor on PATH; put it there, or correct the package's name");
    }

    private IEnumerable<string> Named(string package, string program)
    {
        if (projectPlugins.TryGetValue(package, out var path))
        {
            yield return Directory.Exists(path) ? Path.Combine(path, program) : path;
        }

        yield return Path.Combine(ownFolder, program);
    }

    private IEnumerable<string> Installed(string package, string program, string version)
    {
        var plugins = Path.Combine(pulumiHome, "plugins");
        if (version.Length > 0)
        {
            return [Path.Combine(plugins, $"resource-{package}-v{version.TrimStart('v')}", program)];
        }

        return Directory.Exists(plugins)
            ? Directory.GetDirectories(plugins, $"resource-{package}-v*").OrderByDescending(VersionOf).Select(folder => Path.Combine(folder, program))
            : [];
    }

    private static Version VersionOf(string folder)
        => Version.TryParse(folder[(folder.LastIndexOf("-v", StringComparison.Ordinal) + 2)..].Split('-', '+')[0], out var version) ? version : new Version();

    private static IEnumerable<string> OnPath(string program)
        => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries).Select(folder => Path.Combine(folder, program));
}
