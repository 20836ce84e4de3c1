using System.Text.Json.Nodes;

namespace Pulumi.Blanket.Engine.Projects;

/// <summary>Places inside a setting that is a list or a map.</summary>
internal static class ConfigTree
{
    /// <param name="path">For messages.</param>
    public static JsonNode With(JsonNode? tree, ReadOnlySpan<object> steps, JsonNode value, string path)
    {
        if (steps.IsEmpty)
        {
            return value;
        }

        if (steps[0] is string name)
        {
            var fields = tree is null ? [] : tree as JsonObject ?? throw Wrong(path, $"'{name}' is to be a name in a map, and there is none");
            if (fields.ContainsKey(ConfigNode.Secure) && fields.Count == 1)
            {
                throw Wrong(path, $"'{name}' would be inside a secret");
            }

            // What has this name alone would be read as sealed.
            if (name == ConfigNode.Secure && fields.Count == 0)
            {
                throw Wrong(path, $"the name '{name}' marks a secret; give --secret instead, or another name");
            }

            var next = With(fields[name], steps[1..], value, path);
            fields[name] = next.Parent is null ? next : next.DeepClone();
            return fields;
        }

        var index = (int)steps[0];
        var items = tree is null ? [] : tree as JsonArray ?? throw Wrong(path, $"[{index}] is to be a place in a list, and there is none");
        if (index > items.Count)
        {
            throw Wrong(path, $"[{index}] is behind the list's end; the next place is [{items.Count}]");
        }

        if (index == items.Count)
        {
            items.Add(With(null, steps[1..], value, path));
        }
        else
        {
            var next = With(items[index], steps[1..], value, path);
            items[index] = next.Parent is null ? next : next.DeepClone();
        }

        return items;
    }

    public static bool Remove(JsonNode? tree, ReadOnlySpan<object> steps)
    {
        switch (tree, steps[0])
        {
            case (JsonObject fields, string name):
                return steps.Length == 1 ? fields.Remove(name) : Remove(fields[name], steps[1..]);
            case (JsonArray items, int index) when index < items.Count:
                if (steps.Length > 1)
                {
                    return Remove(items[index], steps[1..]);
                }

                items.RemoveAt(index);
                return true;
            default:
                return false;
        }
    }

    private static EngineException Wrong(string path, string why) => new(EngineFailure.InvalidInput, $"'{path}' can't be set: {why}");
}
