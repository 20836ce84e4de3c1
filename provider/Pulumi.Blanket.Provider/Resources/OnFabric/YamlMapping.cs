using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Pulumi.Blanket.Provider.Resources.OnFabric;

/// <summary>Texts that have to be YAML: read event by event, so that no depth and no alias of a user's costs more than its length.</summary>
internal static class YamlMapping
{
    /// <summary>Nobody's configuration is as deep, and the parser's time grows with the square of it.</summary>
    private const int MostDepth = 100;

    /// <summary>What is wrong with a text that has to be a mapping, never with a word of it; null where nothing is.</summary>
    public static string? Validate(string text)
    {
        Parser parser = new(new StringReader(text));
        try
        {
            var isFirst = true;
            var depth = 0;
            while (parser.MoveNext())
            {
                if (parser.Current is StreamStart or StreamEnd or DocumentStart or Comment)
                {
                    continue;
                }

                if (isFirst && parser.Current is not MappingStart)
                {
                    return "is no YAML mapping; it must be lines such as `key: value`";
                }

                isFirst = false;
                depth += parser.Current is MappingStart or SequenceStart ? 1 : parser.Current is MappingEnd or SequenceEnd ? -1 : 0;
                if (depth > MostDepth)
                {
                    return $"is nested more than {MostDepth} deep in line {parser.Current!.Start.Line}; mend it there";
                }
            }

            return isFirst ? "is empty; leave it out, or give a YAML mapping" : null;
        }
        catch (YamlException fault)
        {
            return Malformed(fault.Start);
        }
        catch (Exception fault) when (fault is InvalidOperationException or ArgumentException)
        {
            // What the parser says to some control characters and tags.
            return Malformed(parser.Current?.End ?? Mark.Empty);
        }
    }

    private static string Malformed(Mark place) => $"is no YAML: something is wrong in line {place.Line}, column {place.Column}; mend it there";
}
