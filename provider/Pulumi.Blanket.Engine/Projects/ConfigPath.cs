using System.Collections.Immutable;
using System.Globalization;

namespace Pulumi.Blanket.Engine;

/// <summary>A place inside a setting: <c>name.inner[0]["odd.name"]</c>. Each step is a name, or a number.</summary>
internal static class ConfigPath
{
    /// <returns>The key, and the steps below it: each a <see cref="string"/> or an <see cref="int"/>.</returns>
    /// <exception cref="EngineException">It is no path.</exception>
    public static (string Key, ImmutableArray<object> Steps) Parse(string text)
    {
        // The namespace has periods of its own.
        var start = text.IndexOf(':') + 1;
        List<object> steps = [];
        for (var position = start; position < text.Length;)
        {
            if (text[position] == '[')
            {
                var end = text.AsSpan(position).StartsWith("[\"") ? text.IndexOf("\"]", position + 2, StringComparison.Ordinal) + 1 : text.IndexOf(']', position);
                if (end <= position)
                {
                    throw Malformed(text);
                }

                var inner = text[(position + 1)..end];
                steps.Add(inner.StartsWith('"') ? inner[1..^1] : int.TryParse(inner, NumberStyles.None, CultureInfo.InvariantCulture, out var index) ? index : throw Malformed(text));
                position = end + 1;
                continue;
            }

            if (steps.Count > 0 && text[position++] != '.')
            {
                throw Malformed(text);
            }

            var stop = text.AsSpan(position).IndexOfAny('.', '[');
            var name = stop < 0 ? text[position..] : text.Substring(position, stop);
            steps.Add(name.Length > 0 ? name : throw Malformed(text));
            position += name.Length;
        }

        return steps is [string first, ..] ? (text[..start] + first, [.. steps.Skip(1)]) : throw Malformed(text);
    }

    private static EngineException Malformed(string text)
        => new(EngineFailure.InvalidInput, $"'{text}' is no path of a setting; write it as name.inner[0][\"odd.name\"]");
}
