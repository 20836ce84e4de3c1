using System.Text.Json.Nodes;

namespace Pulumi.Blanket.Engine.Tests;

/// <summary>A conversation between the real engine and a provider, where recordings are at hand; their README says what is in them.</summary>
internal sealed record Recording(string Scenario, IReadOnlyList<RecordedStep> Steps)
{
    private const string Variable = "BLANKET_ENGINE_RECORDINGS";

    /// <summary>Null where there are none.</summary>
    public static string? Folder { get; } = Find();

    public static IEnumerable<string> Names => Folder is null ? [] : Directory.GetFiles(Folder, "*.json").Select(file => Path.GetFileNameWithoutExtension(file)).Order();

    public static Recording Read(string name)
    {
        var json = JsonNode.Parse(File.ReadAllText(Path.Combine(Folder!, name + ".json")))!;
        return new Recording(name, [.. json["steps"]!.AsArray().Select(step => RecordedStep.From(step!))]);
    }

    private static string? Find()
    {
        if (Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } named)
        {
            return named;
        }

        // Beside the checkout, under shared/.
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var candidate = Path.Combine(folder.FullName, "shared", "engine-recordings");
            if (Directory.Exists(candidate))
            {
                return candidate;
            }
        }

        return null;
    }
}
