using System.Text.Json;
using Pulumi.Blanket.Engine.Plugins;
using Pulumi.Blanket.Engine.Programs.Schemas;

namespace Pulumi.Blanket.Engine.Programs.Checking;

/// <summary>The schemas of all packages that a program names.</summary>
internal sealed class SchemaCatalog
{
    private readonly Dictionary<(string Package, string Version), PackageSchema> _schemas = [];
    private readonly Dictionary<(string Package, string Version), string> _faults = [];

    /// <summary>Asks for all of them at once; a package that can't be had is told where the program names it.</summary>
    public static async Task<SchemaCatalog> LoadAsync(IEnumerable<(string Package, string Version)> packages, IPackageSchemas schemas, CancellationToken cancellationToken)
    {
        SchemaCatalog catalog = new();
        var requests = packages.Distinct().Select(package => (Key: package, Text: GetAsync(schemas, package, cancellationToken))).ToList();
        foreach (var (key, request) in requests)
        {
            try
            {
                catalog._schemas.Add(key, PackageSchema.Parse(key.Package, await request));
            }
            catch (EngineException fault)
            {
                catalog._faults.Add(key, fault.Message);
            }
            catch (JsonException fault)
            {
                catalog._faults.Add(key, $"the schema that the plugin of '{key.Package}' gives is no JSON: {fault.Message}");
            }
        }

        return catalog;
    }

    /// <summary>Null where it can't be had, and then why.</summary>
    public PackageSchema? Find(string package, string version, out string fault)
    {
        fault = _faults.GetValueOrDefault((package, version), "");
        return _schemas.GetValueOrDefault((package, version));
    }

    // A method of its own, so that what is thrown before the first wait is a failed task too.
    private static async Task<string> GetAsync(IPackageSchemas schemas, (string Package, string Version) package, CancellationToken cancellationToken)
        => await schemas.GetAsync(package.Package, package.Version, cancellationToken);
}
