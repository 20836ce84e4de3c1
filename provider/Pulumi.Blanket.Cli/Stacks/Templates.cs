namespace Pulumi.Blanket.Cli.Stacks;

/// <summary>The examples, which are part of this program: what `blanket new` starts from.</summary>
internal static class Templates
{
    private const string Prefix = "templates/";

    /// <summary>By name.</summary>
    public static IReadOnlyList<string> Names { get; } =
    [
        .. typeof(Templates).Assembly.GetManifestResourceNames().Where(name => name.StartsWith(Prefix, StringComparison.Ordinal)).Select(name => name.Split('/')[1]).Distinct().Order(StringComparer.Ordinal),
    ];

    /// <summary>The files of a template: path and text.</summary>
    public static IEnumerable<(string Path, string Text)> FilesOf(string template)
    {
        var folder = $"{Prefix}{template}/";
        foreach (var name in typeof(Templates).Assembly.GetManifestResourceNames().Where(name => name.StartsWith(folder, StringComparison.Ordinal)))
        {
            using StreamReader reader = new(typeof(Templates).Assembly.GetManifestResourceStream(name)!);
            yield return (name[folder.Length..], reader.ReadToEnd());
        }
    }
}
