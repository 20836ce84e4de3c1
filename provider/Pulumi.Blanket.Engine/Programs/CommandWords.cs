using System.Collections.Immutable;
using System.Text;

namespace Pulumi.Blanket.Engine.Programs;

/// <summary>A command as one text: words between blanks, with quotes and backslashes as a shell has them, and nothing else of a shell.</summary>
internal static class CommandWords
{
    /// <summary>The words; null where a quote is not closed.</summary>
    public static ImmutableArray<string>? Split(string text)
    {
        var words = ImmutableArray.CreateBuilder<string>();
        StringBuilder? word = null;
        char? quote = null;
        for (var position = 0; position < text.Length; position++)
        {
            var character = text[position];
            if (quote is null && char.IsWhiteSpace(character))
            {
                if (word is not null)
                {
                    words.Add(word.ToString());
                    word = null;
                }

                continue;
            }

            word ??= new StringBuilder();
            if (character == quote)
            {
                quote = null;
            }
            else if (quote is null && character is '\'' or '"')
            {
                quote = character;
            }
            else if (character == '\\' && quote != '\'' && position + 1 < text.Length && (quote is null || text[position + 1] is '"' or '\\'))
            {
                word.Append(text[++position]);
            }
            else
            {
                word.Append(character);
            }
        }

        if (quote is not null)
        {
            return null;
        }

        if (word is not null)
        {
            words.Add(word.ToString());
        }

        return words.ToImmutable();
    }
}
