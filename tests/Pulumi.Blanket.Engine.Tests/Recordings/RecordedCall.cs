using System.Text.Json.Nodes;

namespace Pulumi.Blanket.Engine.Tests.Recordings;

/// <summary>One call: by the engine to the provider, or by a component to the resource monitor.</summary>
/// <param name="Method">Its name alone.</param>
/// <param name="Response">Null where it failed.</param>
internal sealed record RecordedCall(bool IsToProvider, string Method, JsonNode Request, JsonNode? Response, string? Error)
{
    public static RecordedCall From(JsonNode call) => new(
        (string)call["side"]! == "ResourceProvider",
        ((string)call["method"]!).Split('/')[^1],
        call["request"]!,
        call["response"],
        call["errors"]?.AsArray().FirstOrDefault()?.GetValue<string>());

    /// <summary>Calls of which only the contents matter, not how many there are.</summary>
    public bool IsOfEveryPlugin => Method is "GetSchema" or "GetPluginInfo" or "Handshake" or "Cancel";
}
