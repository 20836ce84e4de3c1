using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Pulumi.Blanket.Engine.Programs.Checking;
using Pulumi.Blanket.Engine.Programs.Syntax;
using Pulumi.Blanket.Protocol.Values;

namespace Pulumi.Blanket.Engine.Programs.Expressions;

/// <summary>Reads what stands between <c>${</c> and <c>}</c> in a text.</summary>
internal static class ReferenceReader
{
    /// <summary>The text as one expression: a literal, a single reference, or a text with values in it.</summary>
    public static Expression Read(ScalarSyntax scalar, DiagnosticList diagnostics)
    {
        var text = scalar.Text;
        if (!text.Contains("${", StringComparison.Ordinal) && !text.Contains("$$", StringComparison.Ordinal))
        {
            return new LiteralExpression(scalar.Position, new StringValue(text), text);
        }

        var parts = ImmutableArray.CreateBuilder<Expression>();
        StringBuilder literal = new();
        for (var position = 0; position < text.Length;)
        {
            if (text.AsSpan(position).StartsWith("$$"))
            {
                literal.Append('$');
                position += 2;
            }
            else if (text.AsSpan(position).StartsWith("${"))
            {
                if (literal.Length > 0)
                {
                    parts.Add(Literal(scalar, literal.ToString()));
                    literal.Clear();
                }

                if (ReadReference(scalar, ref position, diagnostics) is not { } reference)
                {
                    return Literal(scalar, text);
                }

                parts.Add(reference);
            }
            else
            {
                literal.Append(text[position++]);
            }
        }

        if (literal.Length > 0)
        {
            parts.Add(Literal(scalar, literal.ToString()));
        }

        return parts.Count == 1 ? parts[0] : new TextExpression(scalar.Position, parts.ToImmutable());
    }

    private static LiteralExpression Literal(ScalarSyntax scalar, string text) => new(scalar.Position, new StringValue(text), text);

    private static ReferenceExpression? ReadReference(ScalarSyntax scalar, ref int position, DiagnosticList diagnostics)
    {
        var text = scalar.Text;
        var start = position;
        position += 2;
        var nameStart = position;
        var name = ReadName(text, ref position);
        if (name.Length == 0 || name.AsSpan().IndexOfAny(" \t\n") >= 0)
        {
            var isEmpty = name.Trim().Length == 0;
            diagnostics.Error(scalar.At(start), isEmpty ? "a name is missing after '${'" : $"'{name}' is no name: it holds a space",
                isEmpty ? "write '${name}', or '$${' for the characters themselves" : "write '${name}'; the language has no operators, only names and paths");
            return null;
        }

        var accessors = ImmutableArray.CreateBuilder<Accessor>();
        while (position < text.Length && text[position] != '}')
        {
            var place = position;
            if (text[position] == '.')
            {
                position++;
                var property = ReadName(text, ref position);
                if (property.Length == 0)
                {
                    diagnostics.Error(scalar.At(place), $"a name is missing after '.' in '{text[start..position]}'");
                    return null;
                }

                accessors.Add(new Accessor(scalar.At(place + 1), property, -1));
            }
            else if (ReadBracket(text, ref position) is { } bracket)
            {
                accessors.Add(new Accessor(scalar.At(place + 1), bracket.Name, bracket.Index));
            }
            else
            {
                diagnostics.Error(scalar.At(place), $"'{text[start..Math.Min(text.Length, place + 1)]}' ends in a '[' that holds neither an index nor a name", "write '[0]' or '[\"name\"]'");
                return null;
            }
        }

        if (position >= text.Length)
        {
            diagnostics.Error(scalar.At(start), $"the '${{' in '{Shorten(text[start..])}' is not closed", "add '}', or write '$${' for the characters themselves");
            return null;
        }

        var written = text[nameStart..position];
        position++;
        return new ReferenceExpression(scalar.At(nameStart), name, accessors.ToImmutable(), written);
    }

    private static string ReadName(string text, ref int position)
    {
        var length = text.AsSpan(position).IndexOfAny(".[}");
        var name = length < 0 ? text[position..] : text.Substring(position, length);
        position += name.Length;
        return name;
    }

    private static (string? Name, int Index)? ReadBracket(string text, ref int position)
    {
        position++;
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
                return null;
            }

            position += 2;
            return (name.ToString(), -1);
        }

        var length = text.AsSpan(position).IndexOf(']');
        if (length < 0 || !int.TryParse(text.AsSpan(position, length), NumberStyles.None, CultureInfo.InvariantCulture, out var index))
        {
            return null;
        }

        position += length + 1;
        return (null, index);
    }

    private static string Shorten(string text) => text.Length > 40 ? text[..40] + "…" : text;
}
