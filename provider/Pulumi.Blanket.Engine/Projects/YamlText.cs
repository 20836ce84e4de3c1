using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;
using YamlDotNet.RepresentationModel;

namespace Pulumi.Blanket.Engine.Projects;

/// <summary>A YAML file that is changed entry by entry, so that comments, order and form of all else stay as a person wrote them.</summary>
internal sealed partial class YamlText
{
    private const int Indent = 2;

    private YamlText(string text, YamlMappingNode? root)
    {
        Text = text;
        Root = root;
    }

    public string Text { get; }

    /// <summary>Null for an empty file.</summary>
    public YamlMappingNode? Root { get; }

    private string NewLine => Text.Contains("\r\n", StringComparison.Ordinal) ? "\r\n" : "\n";

    /// <exception cref="YamlException">It is no YAML, or no mapping.</exception>
    public static YamlText Parse(string text)
    {
        YamlStream stream = [];
        try
        {
            stream.Load(new StringReader(text));
        }
        catch (Exception fault) when (fault is ArgumentException or InvalidOperationException)
        {
            // What the parser says to some control characters and tags.
            throw new YamlException("malformed", fault);
        }

        return stream.Documents.Count == 0 || YamlJson.IsNull(stream.Documents[0].RootNode)
            ? new YamlText(text, null)
            : stream.Documents is [{ RootNode: YamlMappingNode root }]
                ? new YamlText(text, root)
                : throw new YamlException(stream.Documents[0].RootNode.Start, stream.Documents[0].RootNode.End, "not one mapping, lines such as `key: value`");
    }

    /// <summary>With an entry set; mappings above it are made.</summary>
    public YamlText With(ReadOnlySpan<string> path, JsonNode? value)
    {
        var wanted = Model();
        var parent = wanted;
        foreach (var name in path[..^1])
        {
            if (parent[name] is not JsonObject next)
            {
                next = [];
                parent[name] = next;
            }

            parent = next;
        }

        parent[path[^1]] = value?.DeepClone();
        return Checked(Set(path, value), wanted);
    }

    /// <summary>Without an entry; a mapping that has no other stays, empty.</summary>
    public YamlText Without(string parent, string name)
    {
        if (Find(Root, parent) is not { Value: YamlMappingNode mapping } || Find(mapping, name) is not { } entry)
        {
            return this;
        }

        var wanted = Model();
        wanted[parent]!.AsObject().Remove(name);
        if (mapping.Children.Count == 1 || mapping.Style == MappingStyle.Flow)
        {
            return Checked(Set([parent], wanted[parent]), wanted);
        }

        var (start, end) = Lines(entry);
        return Checked(Text.Remove(start, end - start), wanted);
    }

    /// <summary>The entries as JSON.</summary>
    public JsonObject Model() => Root is null ? [] : YamlJson.Convert(Root)!.AsObject();

    private static Entry? Find(YamlMappingNode? mapping, string name)
    {
        foreach (var child in mapping?.Children ?? Enumerable.Empty<KeyValuePair<YamlNode, YamlNode>>())
        {
            if (child.Key is YamlScalarNode scalar && scalar.Value == name)
            {
                return new Entry(scalar, child.Value);
            }
        }

        return null;
    }

    // Never a wrong file for a pretty one: where the text does not say what it should, it is written anew.
    private static YamlText Checked(string text, JsonObject wanted)
    {
        try
        {
            var changed = Parse(text);
            if (JsonNode.DeepEquals(changed.Model(), wanted))
            {
                return changed;
            }
        }
        catch (YamlException)
        {
            // As if it said something else.
        }

        StringBuilder whole = new();
        foreach (var (name, value) in wanted)
        {
            WriteEntry(whole, name, value, 0, "\n");
        }

        var anew = Parse(whole.ToString());
        return JsonNode.DeepEquals(anew.Model(), wanted) ? anew : throw new InvalidOperationException("an entry has no form in YAML; please report this");
    }

    private static void WriteEntry(StringBuilder to, string name, JsonNode? value, int indent, string newLine)
    {
        to.Append(' ', indent).Append(Scalar(name)).Append(':');
        WriteValue(to, value, indent, newLine);
    }

    private static void WriteValue(StringBuilder to, JsonNode? value, int indent, string newLine)
    {
        switch (value)
        {
            case JsonObject { Count: > 0 } fields:
                to.Append(newLine);
                foreach (var (name, field) in fields)
                {
                    WriteEntry(to, name, field, indent + Indent, newLine);
                }

                break;
            case JsonArray { Count: > 0 } items:
                to.Append(newLine);
                foreach (var item in items)
                {
                    // A list's items in one line each: JSON is YAML too.
                    to.Append(' ', indent + Indent).Append("- ").Append(Inline(item)).Append(newLine);
                }

                break;
            default:
                to.Append(' ').Append(Inline(value)).Append(newLine);
                break;
        }
    }

    private static string Inline(JsonNode? value) => value switch
    {
        null => "null",
        JsonValue text when text.GetValueKind() == JsonValueKind.String => Scalar(text.GetValue<string>()),
        JsonObject fields => fields.Count == 0 ? "{}" : $"{{{string.Join(", ", fields.Select(field => $"{Quoted(field.Key)}: {Inner(field.Value)}"))}}}",
        JsonArray items => items.Count == 0 ? "[]" : $"[{string.Join(", ", items.Select(Inner))}]",
        _ => value.ToJsonString(),
    };

    // Inside braces plain texts have more to fear.
    private static string Inner(JsonNode? value)
        => value is JsonValue text && text.GetValueKind() == JsonValueKind.String ? Quoted(text.GetValue<string>()) : Inline(value);

    private static string Scalar(string text) => PlainText().IsMatch(text) && !YamlJson.IsTyped(text) ? text : Quoted(text);

    // JSON's texts are YAML's, but for what JSON leaves as it is and YAML does not print.
    private static string Quoted(string text)
    {
        StringBuilder quoted = new("\"");
        foreach (var letter in text)
        {
            _ = letter switch
            {
                '"' => quoted.Append("\\\""),
                '\\' => quoted.Append("\\\\"),
                '\n' => quoted.Append("\\n"),
                '\r' => quoted.Append("\\r"),
                '\t' => quoted.Append("\\t"),
                < ' ' or (>= '\u007f' and <= '\u00a0') or '\u2028' or '\u2029' or '\ufeff' or '\ufffe' or '\uffff' => quoted.Append(System.Globalization.CultureInfo.InvariantCulture, $"\\u{(int)letter:x4}"),
                _ => quoted.Append(letter),
            };
        }

        return quoted.Append('"').ToString();
    }

    private string Set(ReadOnlySpan<string> path, JsonNode? value)
    {
        var mapping = Root;
        for (var depth = 0; depth < path.Length; depth++)
        {
            var indent = mapping is null || depth == 0 ? 0 : Column(mapping.Children.First().Key);

            // What stands below an entry that is not there yet.
            var below = value?.DeepClone();
            for (var inner = path.Length - 1; inner > depth; inner--)
            {
                below = new JsonObject { [path[inner]] = below };
            }

            if (Find(mapping, path[depth]) is not { } entry)
            {
                return Insert(mapping, Written(path[depth], below, indent));
            }

            if (depth < path.Length - 1)
            {
                if (entry.Value is YamlMappingNode { Style: not MappingStyle.Flow, Children.Count: > 0 } inner && inner.Start.Line > entry.Key.Start.Line)
                {
                    mapping = inner;
                    continue;
                }

                if (entry.Value is YamlMappingNode flow)
                {
                    // In braces: written as lines, with what it had.
                    var all = YamlJson.Convert(flow)!.AsObject();
                    all[path[depth + 1]] = value?.DeepClone();
                    below = all;
                }

                return Replace(entry, Written(path[depth], below, indent));
            }

            if (entry.Value is YamlScalarNode { Style: not (ScalarStyle.Literal or ScalarStyle.Folded) } old && value is null or JsonValue && entry.Value.Anchor.IsEmpty)
            {
                // A comment behind it stays.
                var (start, end) = ((int)old.Start.Index, (int)old.End.Index);
                return string.Concat(Text.AsSpan(0, start), start == end ? " " : "", Inline(value), Text.AsSpan(end));
            }

            return Replace(entry, Written(path[depth], below, indent));
        }

        return Text;
    }

    private string Written(string name, JsonNode? value, int indent)
    {
        StringBuilder written = new();
        WriteEntry(written, name, value, indent, NewLine);
        return written.ToString();
    }

    private string Insert(YamlMappingNode? mapping, string written)
    {
        if (mapping is null || mapping.Children.Count == 0)
        {
            return Text.Length == 0 || Text.EndsWith('\n') ? Text + written : Text + NewLine + written;
        }

        var (key, value) = mapping.Children.Last();
        var end = Lines(new Entry((YamlScalarNode)key, value)).End;
        return end > 0 && Text[end - 1] != '\n' ? Text.Insert(end, NewLine + written.TrimEnd()) : Text.Insert(end, written);
    }

    private string Replace(Entry entry, string written)
    {
        var (start, end) = Lines(entry);
        return string.Concat(Text.AsSpan(0, start), written, Text.AsSpan(end));
    }

    // From the start of the key's line to the end of the line where the value's last piece ends.
    private (int Start, int End) Lines(Entry entry)
    {
        var start = Text.LastIndexOf('\n', Math.Max((int)entry.Key.Start.Index - 1, 0), Math.Min((int)entry.Key.Start.Index, Text.Length)) + 1;
        var last = Math.Clamp(Math.Max(End(entry.Value), (int)entry.Key.End.Index), 0, Text.Length);
        if (last > 0 && last <= Text.Length && Text[last - 1] == '\n')
        {
            return (start, last);
        }

        var end = Text.IndexOf('\n', last);
        return (start, end < 0 ? Text.Length : end + 1);
    }

    // A block's own end is where the next thing starts, comments between them included.
    private static int End(YamlNode node) => node switch
    {
        YamlMappingNode { Style: not MappingStyle.Flow, Children.Count: > 0 } mapping => Math.Max(End(mapping.Children.Last().Key), End(mapping.Children.Last().Value)),
        YamlSequenceNode { Style: not SequenceStyle.Flow, Children.Count: > 0 } sequence => End(sequence.Children[^1]),
        _ => (int)node.End.Index,
    };

    private static int Column(YamlNode node) => (int)node.Start.Column - 1;

    [GeneratedRegex(@"^[A-Za-z0-9_./+=][A-Za-z0-9_./+=@:,-]*(?<!:)\z")]
    private static partial Regex PlainText();

    private sealed record Entry(YamlScalarNode Key, YamlNode Value);
}
