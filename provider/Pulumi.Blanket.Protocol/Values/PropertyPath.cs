using System.Collections.Immutable;
using System.Globalization;
using System.Text;

namespace Pulumi.Blanket.Protocol.Values;

/// <summary>
/// Where a value stands inside a resource's properties, written as Pulumi writes it: <c>disks[0].sizeGiB</c>, and
/// <c>labels["a.b"]</c> for a name that is more than letters, digits and underscores.
/// </summary>
public sealed record PropertyPath
{
    private readonly ImmutableArray<Segment> _segments;

    private PropertyPath(ImmutableArray<Segment> segments) => _segments = segments;

    /// <summary>The path of the whole.</summary>
    public static PropertyPath Root { get; } = new([]);

    public bool IsRoot => _segments.IsEmpty;

    /// <summary>The name of the top-level property that the path leads into; null for <see cref="Root"/>.</summary>
    public string? TopLevel => _segments.IsEmpty ? null : _segments[0].Name;

    /// <exception cref="ProtocolException">The text is no path.</exception>
    public static PropertyPath Parse(string text)
    {
        List<Segment> segments = [];
        for (var position = 0; position < text.Length;)
        {
            if (text[position] == '[')
            {
                segments.Add(ParseBracket(text, ref position));
                continue;
            }

            if (segments.Count > 0)
            {
                position += text[position] == '.' ? 1 : throw Malformed(text, position, "a '.' or '['");
            }

            var end = text.AsSpan(position).IndexOfAny('.', '[');
            var name = end < 0 ? text[position..] : text.Substring(position, end);
            segments.Add(name.Length > 0 ? new Segment(name, -1) : throw Malformed(text, position, "a name"));
            position += name.Length;
        }

        return new PropertyPath([.. segments]);
    }

    public PropertyPath Property(string name) => new(_segments.Add(new Segment(name, -1)));

    public PropertyPath Item(int index) => new(_segments.Add(new Segment(null, index)));

    /// <summary>True when this path is <paramref name="other"/>, or leads into what that one leads to.</summary>
    public bool StartsWith(PropertyPath other)
        => _segments.Length >= other._segments.Length && _segments.AsSpan()[..other._segments.Length].SequenceEqual(other._segments.AsSpan());

    public bool Equals(PropertyPath? other) => other is not null && _segments.AsSpan().SequenceEqual(other._segments.AsSpan());

    public override int GetHashCode()
    {
        HashCode hash = new();
        foreach (var segment in _segments)
        {
            hash.Add(segment);
        }

        return hash.ToHashCode();
    }

    public override string ToString()
    {
        StringBuilder text = new();
        foreach (var segment in _segments)
        {
            if (segment.Name is null)
            {
                text.Append('[').Append(segment.Index).Append(']');
            }
            else if (IsPlain(segment.Name))
            {
                text.Append(text.Length == 0 ? "" : ".").Append(segment.Name);
            }
            else
            {
                text.Append("[\"").Append(segment.Name.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)).Append("\"]");
            }
        }

        return text.ToString();
    }

    private static Segment ParseBracket(string text, ref int position)
    {
        var start = ++position;
        if (position < text.Length && text[position] == '"')
        {
            StringBuilder name = new();
            for (position++; position < text.Length && text[position] != '"'; position++)
            {
                if (text[position] == '\\' && position + 1 < text.Length)
                {
                    position++;
                }

                name.Append(text[position]);
            }

            if (!text.AsSpan(Math.Min(position, text.Length)).StartsWith("\"]"))
            {
                throw Malformed(text, start, "a name in quotes that ends with '\"]'");
            }

            position += 2;
            return new Segment(name.ToString(), -1);
        }

        var end = text.IndexOf(']', position);
        if (end < 0 || !int.TryParse(text.AsSpan(position, end - position), NumberStyles.None, CultureInfo.InvariantCulture, out var index))
        {
            throw Malformed(text, start, "an index and ']'");
        }

        position = end + 1;
        return new Segment(null, index);
    }

    private static bool IsPlain(string name)
        => name.Length > 0 && !char.IsAsciiDigit(name[0]) && name.All(character => char.IsAsciiLetterOrDigit(character) || character == '_');

    private static ProtocolException Malformed(string text, int position, string expected)
        => new(ProtocolFailure.MalformedPath, $"'{text}' is no property path: at position {position} it needs {expected}");

    private readonly record struct Segment(string? Name, int Index);
}
