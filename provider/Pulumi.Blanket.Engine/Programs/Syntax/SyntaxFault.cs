using YamlDotNet.Core;

namespace Pulumi.Blanket.Engine.Programs.Syntax;

/// <summary>Says in words what the YAML parser found.</summary>
internal static class SyntaxFault
{
    public static (Position Position, string Message, string? Hint) Explain(string text, YamlException fault)
    {
        Position position = new(Math.Max(1, (int)fault.Start.Line), Math.Max(1, (int)fault.Start.Column));
        var lines = text.Split('\n');
        var message = fault.InnerException is YamlException inner ? inner.Message : fault.Message;
        if (FindTab(lines, position.Line, Says(message, "tab") ? lines.Length : position.Line + 1) is { } tab)
        {
            return (tab, "this line is indented with a tab, which YAML does not allow", "indent it with spaces");
        }

        return message switch
        {
            _ when Says(message, "multiline plain scalar, found invalid mapping") => (position,
                "a ':' can't stand here: this line goes on with the text of the line above", "look whether the line above lacks a ':' at its end"),
            _ when Says(message, "mapping values are not allowed") || Says(message, "found invalid mapping") => (position,
                "a ':' can't stand here: this line already has a value",
                "put text that holds ': ' in quotes, or check how far the line is indented"),
            _ when Says(message, "quoted scalar") => (position,
                "the quotes that open here are not closed", "close them; a quote inside of text is doubled ('') or escaped (\\\")"),
            _ when Says(message, "did not find expected '-'") || Says(message, "expected <block end>") || Says(message, "did not find expected key") => (position,
                "this line is not where its neighbours are", "indent what belongs together equally, lists with '- ' before each item"),
            _ when Says(message, "could not find expected ':'") || Says(message, "simple key") => (position,
                "here a name with a ':' behind it is missing", "write 'name: value'"),
            _ when Says(message, "expected ',' or") => (position, "a '[' or '{' is not closed, or a ',' is missing", "close it, or put a ',' between the items"),
            _ when Says(message, "cannot start any token") || Says(message, "unexpected character") => (position,
                $"text can't begin with {CharacterAt(lines, position)}", "put the text in quotes"),
            _ => (position, $"this is no YAML: {char.ToLowerInvariant(message[0])}{message[1..].TrimEnd('.')}", null),
        };
    }

    private static bool Says(string message, string part) => message.Contains(part, StringComparison.OrdinalIgnoreCase);

    // The parser stumbles over a tab in its own line or in a neighbour; where it names the tab, it says only in what that stands.
    private static Position? FindTab(string[] lines, int line, int last)
    {
        for (var candidate = Math.Max(1, line - 1); candidate <= Math.Min(last, lines.Length); candidate++)
        {
            var content = lines[candidate - 1];
            var indent = content.AsSpan().IndexOfAnyExcept(' ', '\t');
            var tab = content.AsSpan(0, Math.Max(0, indent)).IndexOf('\t');
            if (tab >= 0)
            {
                return new Position(candidate, tab + 1);
            }
        }

        return null;
    }

    private static string CharacterAt(string[] lines, Position position)
        => position.Line <= lines.Length && position.Column <= lines[position.Line - 1].Length ? $"'{lines[position.Line - 1][position.Column - 1]}'" : "this character";
}
