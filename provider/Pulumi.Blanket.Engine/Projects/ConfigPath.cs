using System.Collections.Immutable;
using System.Globalization;
using System.Text;

namespace Pulumi.Blanket.Engine.Projects;

/// <summary>A place inside a setting: <c>name.inner[0]["odd.name"]</c>. Each step is a name, or a number.</summary>
internal static class ConfigPath
{
    /// <returns>The key, and the steps below it: each a <see cref="string"/> or an <see cref="int"/>.</returns>
    /// <exception cref="EngineException">It is no path.</exception>
    public static (string Key, ImmutableArray<object> Steps) Parse(string text)
    {
        // The namespace has periods of its own.
        var start = text.Split('[', 2)[0].IndexOf(':') + 1;
        List<object> steps = [];
        for (var position = start; position < text.Length;)
        {
            if (text[position] == '[')
            {
                if (text.AsSpan(position).StartsWith("[\""))
                {
                    steps.Add(Quoted(text, ref position));
                    continue;
                }

                var end = text.IndexOf(']', position);
                steps.Add(end > 0 && int.TryParse(text.AsSpan(position + 1, end - position - 1), NumberStyles.None, CultureInfo.InvariantCulture, out var index) ? index : throw Malformed(text));
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

    // From ["odd.name"], where a quote and a backslash have a backslash before them.
    private static string Quoted(string text, ref int position)
    {
        StringBuilder name = new();
        for (position += 2; position < text.Length; position++)
        {
            if (text[position] == '"')
            {
                position += 2;
                return position <= text.Length && text[position - 1] == ']' ? name.ToString() : throw Malformed(text);
            }

            if (text[position] == '\\' && position + 1 < text.Length && text[position + 1] is '"' or '\\')
            {
                position++;
            }

            name.Append(text[position]);
        }

        throw Malformed(text);
    }

    private static EngineException Malformed(string text)
        => new(EngineFailure.InvalidInput, $"'{text}' is no path of a setting; write it as name.inner[0][\"odd.name\"]");
}
