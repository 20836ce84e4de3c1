using System.Security.Cryptography;
using System.Text;

namespace Pulumi.Blanket.Lab.Cache;

/// <summary>The machine's installed Debian packages, by name, with their versions. They are the lowest layer of every host.</summary>
internal static class PackageState
{
    private const string StatusFile = "/var/lib/dpkg/status";
    private const int Shown = 5;

    public static async Task<SortedDictionary<string, string>> ReadAsync(CancellationToken cancellationToken)
    {
        SortedDictionary<string, string> installed = new(StringComparer.Ordinal);
        string name = "", version = "", architecture = "";
        var there = false;
        foreach (var line in (string[])[.. await File.ReadAllLinesAsync(StatusFile, cancellationToken), ""])
        {
            switch (line.Split(": ", 2))
            {
                case ["Package", var value]:
                    name = value;
                    break;
                case ["Architecture", var value]:
                    architecture = value;
                    break;
                case ["Version", var value]:
                    version = value;
                    break;
                case ["Status", var value]:
                    there = value.EndsWith(" installed", StringComparison.Ordinal);
                    break;
                case [""]:
                    if (there)
                    {
                        // Libraries may be there for two architectures.
                        installed[$"{name}:{architecture}"] = version;
                    }

                    there = false;
                    break;
            }
        }

        return installed;
    }

    /// <summary>A short name for all of them.</summary>
    public static async Task<string> HashAsync(CancellationToken cancellationToken)
        => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(
            string.Join('\n', (await ReadAsync(cancellationToken)).Select(package => $"{package.Key} {package.Value}")))))[..16];

    /// <returns>What is not as it was, a few of many; null where nothing changed.</returns>
    public static string? Difference(IReadOnlyDictionary<string, string> before, IReadOnlyDictionary<string, string> now)
    {
        List<string> changes =
        [
            .. now.Where(package => !before.ContainsKey(package.Key)).Select(package => $"{Plain(package.Key)} is new"),
            .. before.Where(package => !now.ContainsKey(package.Key)).Select(package => $"{Plain(package.Key)} is gone"),
            .. now.Where(package => before.TryGetValue(package.Key, out var version) && version != package.Value)
                .Select(package => $"{Plain(package.Key)} was {before[package.Key]} and is {package.Value}"),
        ];
        return changes.Count == 0 ? null : string.Join(", ", changes.Take(Shown)) + (changes.Count > Shown ? $", and {changes.Count - Shown} more" : "");
    }

    private static string Plain(string key) => key[..key.LastIndexOf(':')];
}
