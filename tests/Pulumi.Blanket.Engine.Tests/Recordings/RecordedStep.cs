using System.Text.Json.Nodes;

namespace Pulumi.Blanket.Engine.Tests.Recordings;

/// <summary>One command of a recording: what was run, what was said, and what it came to.</summary>
internal sealed record RecordedStep(string Operation, JsonNode? Program, int? ExitCode, IReadOnlyList<RecordedCall> Calls, JsonNode? State, JsonNode? Preview)
{
    public static RecordedStep From(JsonNode step) => new(
        (string)step["operation"]!,
        step["program"],
        (int?)step["exitCode"],
        [.. (step["calls"]?.AsArray() ?? []).Select(call => RecordedCall.From(call!))],
        step["state"],
        step["previewJson"]);
}
