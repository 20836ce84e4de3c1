using System.Text.Json;
using System.Text.Json.Nodes;
using Pulumi.Blanket.Engine.States;
using YamlDotNet.RepresentationModel;

namespace Pulumi.Blanket.Engine.Projects;

/// <summary>A setting as it stands in a file, where what is secret is <c>{secure: …}</c>.</summary>
internal static class ConfigNode
{
    public const string Secure = "secure";

    private static readonly JsonSerializerOptions Relaxed = new() { Encoder = CheckpointFormat.Compact.Encoder };

    /// <param name="secrets">Opens what is sealed; null where nothing can be.</param>
    public static ConfigValue Open(YamlNode node, PassphraseSecrets? secrets) => Open(node, text => Unseal(text, secrets));

    /// <param name="unseal">What stands for what is sealed.</param>
    public static ConfigValue Open(YamlNode node, Func<string, string> unseal)
    {
        if (node is YamlScalarNode scalar)
        {
            // As it is written: a version 1.10 is not 1.1.
            return new ConfigValue(YamlJson.IsNull(scalar) ? "" : scalar.Value ?? "");
        }

        var json = YamlJson.Convert(node);
        if (SealedText(json) is { } text)
        {
            return new ConfigValue(unseal(text), IsSecret: true);
        }

        var isSecret = false;
        return new ConfigValue(Opened(json, unseal, ref isSecret)!.ToJsonString(Relaxed), isSecret, IsObject: true);
    }

    public static JsonObject Sealed(string text) => new() { [Secure] = text };

    private static string? SealedText(JsonNode? node)
        => node is JsonObject { Count: 1 } fields && fields[Secure] is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;

    private static JsonNode? Opened(JsonNode? node, Func<string, string> unseal, ref bool isSecret)
    {
        if (SealedText(node) is { } text)
        {
            isSecret = true;
            return JsonValue.Create(unseal(text));
        }

        switch (node)
        {
            case JsonObject fields:
                JsonObject opened = [];
                foreach (var (name, value) in fields)
                {
                    opened[name] = Opened(value, unseal, ref isSecret);
                }

                return opened;
            case JsonArray items:
                JsonArray list = [];
                foreach (var item in items)
                {
                    list.Add(Opened(item, unseal, ref isSecret));
                }

                return list;
            default:
                return node?.DeepClone();
        }
    }

    private static string Unseal(string text, PassphraseSecrets? secrets)
        => secrets is not null
            ? secrets.Decrypt(text)
            : throw new EngineException(EngineFailure.Secrets, "the stack's settings have a secret, and no `encryptionsalt` that would open it");
}
