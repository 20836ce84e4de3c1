using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Pulumi.Blanket.Engine.Tests.Recordings;

/// <summary>Puts recordings' placeholders for what differs from run to run, so that two runs can be compared.</summary>
internal static partial class Placeholders
{
    /// <summary>A copy with placeholders and sorted keys, as text.</summary>
    public static string Normalize(JsonNode? node) => Sorted(node)?.ToJsonString() ?? "null";

    private static JsonNode? Sorted(JsonNode? node, string key = "") => node switch
    {
        JsonObject properties => new JsonObject(properties.OrderBy(property => property.Key, StringComparer.Ordinal).Select(property => KeyValuePair.Create(property.Key, Sorted(property.Value, property.Key)))),
        JsonArray array => new JsonArray([.. array.Select(item => Sorted(item))]),
        JsonValue value when value.TryGetValue(out string? text) => JsonValue.Create(Text(text, key)),
        JsonValue value when value.TryGetValue(out double number) => JsonValue.Create(number),
        _ => node?.DeepClone(),
    };

    private static string Text(string text, string key) => key switch
    {
        "created" or "modified" or "time" => "$TIME",
        "ciphertext" or "salt" => "$CIPHERTEXT",
        "randomSeed" or "resourceStatusToken" => "$RANDOM",
        "resourceStatusAddress" or "monitorEndpoint" or "engineAddress" or "mapperTarget" or "loaderTarget" or "resolverTarget" => "$ADDR",
        "rootDirectory" or "programDirectory" => "$PLUGIN",
        // The marker of what is unknown is an UUID, too.
        _ => Uuid().Replace(text, match => match.Value is "04da6b54-80e4-46f7-96ec-b56ff0331ba9" ? match.Value : "$UUID"),
    };

    [GeneratedRegex("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")]
    private static partial Regex Uuid();
}
