using System.Text.Json.Nodes;
using Pulumi.Blanket.Engine.Deployments;
using Pulumi.Blanket.Files;

namespace Pulumi.Blanket.Engine.Tests.Recordings;

/// <summary>A conversation between the real engine and a provider; <c>Recordings/Data/README.md</c> says what is in them.</summary>
internal sealed record Recording(string Scenario, IReadOnlyList<RecordedStep> Steps)
{
    /// <summary>The recordings, a file each, beside this program.</summary>
    public static string Folder { get; } = Path.Combine(AppContext.BaseDirectory, "Recordings", "Data");

    public static IEnumerable<string> Names => Directory.GetFiles(Folder, "*.json").Select(file => Path.GetFileNameWithoutExtension(file)).Order(StringComparer.Ordinal);

    public static Recording Read(string name)
    {
        var json = JsonNode.Parse(File.ReadAllText(Path.Combine(Folder, name + ".json")))!;
        return new Recording(name, [.. json["steps"]!.AsArray().Select(step => RecordedStep.From(step!))]);
    }

    /// <summary>Every state that was exported, with the scenario and step that it is of.</summary>
    public static IEnumerable<(string Name, JsonObject Deployment)> States()
        => Names.SelectMany(name => Read(name).Steps
            .Select((step, index) => ($"{name} step {index}", step.State as JsonObject))
            .Where(state => state.Item2 is not null)
            .Select(state => (state.Item1, state.Item2!)));
}
