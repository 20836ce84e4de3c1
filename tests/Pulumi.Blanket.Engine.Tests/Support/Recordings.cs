using System.Text.Json.Nodes;

namespace Pulumi.Blanket.Engine.Tests;

/// <summary>What the real engine did, where it is at hand; <c>BLANKET_ENGINE_RECORDINGS</c> names the folder.</summary>
internal static class Recordings
{
    public const string Absent = "no recordings of the engine here; BLANKET_ENGINE_RECORDINGS names their folder";

    public static string? Folder { get; } = Find();

    /// <summary>Every state that was exported, with the scenario and step that it is of.</summary>
    public static IEnumerable<(string Name, JsonObject Deployment)> States()
        => Directory.GetFiles(Folder!, "*.json").Order(StringComparer.Ordinal).SelectMany(file => JsonNode.Parse(File.ReadAllText(file))!["steps"]!.AsArray()
            .Select((step, index) => ($"{Path.GetFileName(file)} step {index}", step!["state"] as JsonObject))
            .Where(state => state.Item2 is not null)
            .Select(state => (state.Item1, state.Item2!)));

    private static string? Find()
    {
        if (Environment.GetEnvironmentVariable("BLANKET_ENGINE_RECORDINGS") is { Length: > 0 } named)
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
