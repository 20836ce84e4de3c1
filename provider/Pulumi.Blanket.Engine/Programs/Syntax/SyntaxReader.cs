using System.Collections.Immutable;
using Pulumi.Blanket.Engine.Programs.Checking;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Pulumi.Blanket.Engine.Programs.Syntax;

/// <summary>
/// Reads YAML into nodes that know their place. It works on the parser's events, as a file may name one thing twice and the message then
/// has to show both lines.
/// </summary>
internal sealed class SyntaxReader
{
    // Deeper than any program, and far from the end of the stack.
    private const int MaxDepth = 100;

    private readonly Parser _parser;
    private readonly DiagnosticList _diagnostics;
    private readonly Dictionary<string, SyntaxNode?> _anchors = new(StringComparer.Ordinal);
    private readonly Stack<ParsingEvent> _open = new();
    private Position _last = new(1, 1);

    private SyntaxReader(string text, DiagnosticList diagnostics)
    {
        _parser = new Parser(new StringReader(text));
        _diagnostics = diagnostics;
    }

    /// <summary>The file's one document; null where it is empty, or no YAML, which is then among the diagnostics.</summary>
    public static SyntaxNode? Read(string text, DiagnosticList diagnostics)
    {
        SyntaxReader reader = new(text, diagnostics);
        try
        {
            return reader.ReadDocument();
        }
        catch (Exception fault) when (IsOfParser(fault) && reader.FindUnclosed() is { } unclosed)
        {
            // Whatever the parser says then, this is what a reader has to look at. In some of these cases it fails without words.
            diagnostics.Error(PositionOf(unclosed), $"the '{(unclosed is SequenceStart ? '[' : '{')}' that opens here is not closed, or a ',' is missing inside of it",
                "close it, put a ',' between the items, and put text that holds one of ,[]{} or ': ' in quotes");
            return null;
        }
        catch (Exception fault) when (IsOfParser(fault) && fault is not YamlException)
        {
            diagnostics.Error(reader._last, "from here on this is no YAML");
            return null;
        }
        catch (YamlException fault)
        {
            var (position, message, hint) = SyntaxFault.Explain(text, fault);
            diagnostics.Error(position, message, hint);
            return null;
        }
    }

    // The parser does not put all that it meets into exceptions of its own.
    private static bool IsOfParser(Exception fault) => fault is YamlException or InvalidOperationException or ArgumentException or FormatException;

    private static Position PositionOf(ParsingEvent parsingEvent) => new((int)parsingEvent.Start.Line, (int)parsingEvent.Start.Column);

    private SyntaxNode? ReadDocument()
    {
        _parser.Consume<StreamStart>();
        if (_parser.TryConsume<StreamEnd>(out _))
        {
            return null;
        }

        _parser.Consume<DocumentStart>();
        var root = ReadNode();
        _parser.Consume<DocumentEnd>();
        if (_parser.TryConsume<DocumentStart>(out var second))
        {
            _diagnostics.Error(PositionOf(second), "a program is one YAML document, and here a second one begins", "remove the '---', or move what follows to another file");
        }

        return root;
    }

    // The innermost '[' or '{' in which reading broke off. Nesting without end is another matter.
    private ParsingEvent? FindUnclosed() => _open.Count < MaxDepth && _open.TryPeek(out var open)
        && open is SequenceStart { Style: SequenceStyle.Flow } or MappingStart { Style: MappingStyle.Flow } ? open : null;

    private SyntaxNode ReadNode()
    {
        var next = _parser.Current ?? throw new YamlException("the file ends too early");
        var position = PositionOf(next);
        _last = position;
        if (_open.Count >= MaxDepth)
        {
            throw new YamlException(next.Start, next.End, $"this is nested more than {MaxDepth} levels deep");
        }

        if (_parser.TryConsume<AnchorAlias>(out var alias))
        {
            return ReadAlias(alias, position);
        }

        var anchor = (next as NodeEvent)?.Anchor is { IsEmpty: false } name ? name.Value : null;
        if (anchor is not null)
        {
            // What refers to itself is found by the null.
            _anchors[anchor] = null;
        }

        SyntaxNode node;
        if (_parser.TryConsume<Scalar>(out var scalar))
        {
            node = ReadScalar(scalar, position);
        }
        else if (next is SequenceStart)
        {
            _open.Push(next);
            _parser.Consume<SequenceStart>();
            var items = ImmutableArray.CreateBuilder<SyntaxNode>();
            while (!_parser.TryConsume<SequenceEnd>(out _))
            {
                items.Add(ReadNode());
            }

            _open.Pop();
            node = new SequenceSyntax(position, items.ToImmutable());
        }
        else
        {
            _open.Push(next);
            _parser.Consume<MappingStart>();
            node = ReadMapping(position);
            _open.Pop();
        }

        if (anchor is not null)
        {
            _anchors[anchor] = node;
        }

        return node;
    }

    private SyntaxNode ReadAlias(AnchorAlias alias, Position position)
    {
        if (_anchors.GetValueOrDefault(alias.Value.Value) is { } node)
        {
            return node;
        }

        _diagnostics.Error(position, _anchors.ContainsKey(alias.Value.Value)
            ? $"'*{alias.Value.Value}' stands inside of what it refers to"
            : $"'*{alias.Value.Value}' refers to an anchor '&{alias.Value.Value}' that does not stand above it");
        return new ScalarSyntax(position, "", isPlain: true, -1);
    }

    private ScalarSyntax ReadScalar(Scalar scalar, Position position)
    {
        var isText = false;
        if (!scalar.Tag.IsEmpty && !scalar.Tag.IsNonSpecific)
        {
            isText = scalar.Tag.Value is "tag:yaml.org,2002:str";
            if (!isText && !scalar.Tag.Value.StartsWith("tag:yaml.org,2002:", StringComparison.Ordinal))
            {
                _diagnostics.Error(position, $"the tag '{scalar.Tag.Value}' has no meaning in a program", "remove it; functions are written as a map, such as 'fn::secret: text'");
            }
        }

        var quotes = scalar.Style is ScalarStyle.SingleQuoted or ScalarStyle.DoubleQuoted ? 1 : 0;
        var isSideBySide = scalar.Start.Line == scalar.End.Line && scalar.End.Column - scalar.Start.Column == scalar.Value.Length + (2 * quotes)
            && scalar.Style is not (ScalarStyle.Literal or ScalarStyle.Folded);
        return new ScalarSyntax(position, scalar.Value, scalar.Style is ScalarStyle.Plain && !isText, isSideBySide ? quotes : -1);
    }

    private MappingSyntax ReadMapping(Position position)
    {
        var entries = ImmutableArray.CreateBuilder<MappingEntry>();
        Dictionary<string, Position> names = new(StringComparer.Ordinal);
        List<(Position Position, SyntaxNode Value)> merges = [];
        while (!_parser.TryConsume<MappingEnd>(out _))
        {
            var keyNode = ReadNode();
            var value = ReadNode();
            if (keyNode is not ScalarSyntax key)
            {
                _diagnostics.Error(keyNode.Position, $"a name in a map is text, and here stands {keyNode.Kind}");
            }
            else if (key.Text == "<<")
            {
                merges.Add((key.Position, value));
            }
            else if (names.TryGetValue(key.Text, out var first))
            {
                _diagnostics.Error(key.Position, $"'{key.Text}' stands here a second time; the first is in line {first.Line}", "remove one of the two, or rename it");
            }
            else
            {
                names.Add(key.Text, key.Position);
                entries.Add(new MappingEntry(key.Text, key.Position, value));
            }
        }

        // What stands in the map itself wins over what is merged into it, and the first of several merges over the later ones.
        foreach (var (mergePosition, value) in merges)
        {
            foreach (var source in value is SequenceSyntax list ? list.Items : [value])
            {
                if (source is not MappingSyntax map)
                {
                    _diagnostics.Error(mergePosition, $"'<<' merges maps into this one, and here stands {source.Kind}", "give it '*name' of an anchor at a map");
                    continue;
                }

                entries.AddRange(map.Entries.Where(entry => names.TryAdd(entry.Name, entry.NamePosition)));
            }
        }

        return new MappingSyntax(position, entries.ToImmutable());
    }
}
