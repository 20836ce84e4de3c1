using YamlDotNet.RepresentationModel;

namespace Pulumi.Blanket.Lab.Guest;

/// <summary>Reads YAML nodes that may be missing or of another kind: what is not there is null or empty.</summary>
internal static class YamlNodes
{
    public static YamlNode? Child(this YamlNode? node, string key)
        => node is YamlMappingNode map && map.Children.TryGetValue(new YamlScalarNode(key), out var child) ? child : null;

    public static string? Text(this YamlNode? node, string key) => (node.Child(key) as YamlScalarNode)?.Value;

    public static IEnumerable<string> Texts(this YamlNode? node, string key)
        => (node.Child(key) as YamlSequenceNode)?.OfType<YamlScalarNode>().Select(item => item.Value ?? "") ?? [];
}
