using Pulumi.Blanket.Lab.Machine;

namespace Pulumi.Blanket.Lab.Cache;

/// <summary>
/// What is made once and kept between labs, a folder each, named after all that it was made from. Made inside a
/// lab's namespaces and in its folder, then renamed: a folder of the cache is always whole.
/// </summary>
internal sealed class LabCache(LabPaths paths)
{
    public string Folder(string kind, string key) => Path.Combine(paths.Cache, $"{kind}-{key}");

    /// <summary>The folder of that kind and key, made by <paramref name="make"/> (which gets an empty folder) where it is missing.</summary>
    public async Task<string> GetAsync(
        string kind, string key, string labFolder, Func<string, Task> make, CancellationToken cancellationToken)
    {
        var folder = Folder(kind, key);
        if (Directory.Exists(folder))
        {
            return folder;
        }

        using (await LabLock.TakeAsync($"cache/{paths.Root}/{kind}", cancellationToken))
        {
            if (!Directory.Exists(folder))
            {
                var building = Path.Combine(labFolder, $"build-{kind}");
                Directory.CreateDirectory(building);
                await make(building);
                LabPaths.CreatePrivate(paths.Cache);
                Directory.Move(building, folder);
            }
        }

        return folder;
    }
}
