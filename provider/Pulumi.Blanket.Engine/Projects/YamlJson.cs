using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Pulumi.Blanket.Engine.Projects;

/// <summary>YAML as JSON: what is plain there is a number, a truth or null where YAML's core schema says so.</summary>
internal static partial class YamlJson
{
    // An alias of an alias of … may stand for more than any machine holds.
    private const int MaxNodes = 100_000;

    public static JsonNode? Convert(YamlNode node)
    {
        var count = 0;
        return Convert(node, ref count);
    }

    public static bool IsNull(YamlNode node) => node is YamlScalarNode { Style: ScalarStyle.Plain, Value: null or "" or "~" or "null" or "Null" or "NULL" };

    /// <summary>True for a plain text that means something else than a text.</summary>
    public static bool IsTyped(string plain) => plain is "" or "~" || Word().IsMatch(plain) || Number().IsMatch(plain);

    private static JsonNode? Convert(YamlNode node, ref int count)
    {
        if (++count > MaxNodes)
        {
            throw new YamlException(node.Start, node.End, $"more than {MaxNodes} values, aliases counted");
        }

        switch (node)
        {
            case YamlMappingNode mapping:
                JsonObject fields = [];
                foreach (var (key, value) in mapping.Children)
                {
                    fields[key is YamlScalarNode { Value: { } name } ? name : throw new YamlException(key.Start, key.End, "a key that is no text")] = Convert(value, ref count);
                }

                return fields;
            case YamlSequenceNode sequence:
                JsonArray items = [];
                foreach (var item in sequence.Children)
                {
                    items.Add(Convert(item, ref count));
                }

                return items;
            default:
                return Scalar((YamlScalarNode)node);
        }
    }

    private static JsonNode? Scalar(YamlScalarNode node)
    {
        if (node.Style != ScalarStyle.Plain || (!node.Tag.IsEmpty && node.Tag.Value == "tag:yaml.org,2002:str"))
        {
            return JsonValue.Create(node.Value);
        }

        return IsNull(node) ? null
            : node.Value is "true" or "True" or "TRUE" ? JsonValue.Create(true)
            : node.Value is "false" or "False" or "FALSE" ? JsonValue.Create(false)
            : JsonNumber().IsMatch(node.Value!) ? JsonNode.Parse(node.Value!)
            : JsonValue.Create(node.Value);
    }

    [GeneratedRegex(@"^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?\z")]
    private static partial Regex JsonNumber();

    // YAML 1.1 has more of them than 1.2, and readers of both are about.
    [GeneratedRegex(@"^(null|true|false|yes|no|on|off|y|n)\z", RegexOptions.IgnoreCase)]
    private static partial Regex Word();

    [GeneratedRegex(@"^[-+]?(\.?[0-9]|\.(inf|nan))", RegexOptions.IgnoreCase)]
    private static partial Regex Number();
}
