using System.Globalization;
using System.Text;
using Spectre.Console;

namespace Pulumi.Blanket.Cli;

/// <summary>
/// Text with styles, as <c>$"[bold]{name}[/]"</c>. Tags count only in the literal parts, not in what is put in between; and unlike Spectre's markup
/// nothing else means anything: a name such as <c>a:key:b</c> would be shown there with a picture.
/// </summary>
internal static class StyledText
{
    /// <summary>A paragraph of that text.</summary>
    public static Paragraph Of(FormattableString text) => Append(new Paragraph(), text);

    /// <summary>Writes that text, and ends the line.</summary>
    public static void SayLine(this IAnsiConsole console, FormattableString text)
    {
        console.Write(Append(new Paragraph(), text).Append("\n"));
    }

    private static Paragraph Append(Paragraph paragraph, FormattableString text)
    {
        var format = text.Format;
        Stack<Style> styles = new([Style.Plain]);
        StringBuilder pending = new();
        for (var at = 0; at < format.Length; at++)
        {
            var symbol = format[at];
            if (at + 1 < format.Length && symbol is '{' or '}' or '[' or ']' && format[at + 1] == symbol)
            {
                pending.Append(symbol);
                at++;
            }
            else if (symbol == '[')
            {
                var end = format.IndexOf(']', at);
                Flush();
                // The color itself may be put in, as in [{color}].
                var tag = string.Format(CultureInfo.InvariantCulture, format[(at + 1)..end], text.GetArguments());
                if (tag == "/")
                {
                    styles.Pop();
                }
                else
                {
                    styles.Push(styles.Peek().Combine(Style.Parse(tag)));
                }

                at = end;
            }
            else if (symbol == '{')
            {
                var end = format.IndexOf('}', at);
                pending.AppendFormat(CultureInfo.InvariantCulture, format[at..(end + 1)], text.GetArguments());
                at = end;
            }
            else
            {
                pending.Append(symbol);
            }
        }

        Flush();
        return paragraph;

        void Flush()
        {
            if (pending.Length > 0)
            {
                paragraph.Append(pending.ToString(), styles.Peek());
                pending.Clear();
            }
        }
    }
}
