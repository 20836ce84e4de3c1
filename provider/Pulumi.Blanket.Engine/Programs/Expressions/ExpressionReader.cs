using System.Collections.Immutable;
using Pulumi.Blanket.Engine.Programs.Checking;
using Pulumi.Blanket.Engine.Programs.Syntax;
using Pulumi.Blanket.Protocol.Values;

namespace Pulumi.Blanket.Engine.Programs.Expressions;

/// <summary>Turns nodes of a file into expressions. What can't be one is reported, and stands as null from then on.</summary>
internal sealed class ExpressionReader(DiagnosticList diagnostics)
{
    // Anchors may stand for each other, so that a small file can name more values than memory holds.
    private const int MaxExpressions = 2_000_000;

    // From here on a double has gaps between whole numbers.
    private const double MaxWhole = 9007199254740992;

    private static readonly string[] InvokeFields = ["function", "arguments", "options", "return"];
    private static readonly string[] InvokeOptions = ["parent", "provider", "version", "pluginDownloadURL", "dependsOn"];

    private int _count;

    public Expression Read(SyntaxNode node)
    {
        if (++_count == MaxExpressions)
        {
            diagnostics.Error(node.Position, $"the program has more than {MaxExpressions} values", "look for anchors ('*name') that multiply each other");
        }

        return _count >= MaxExpressions ? Nothing(node.Position) : node switch
        {
            ScalarSyntax { Value: StringValue } scalar => ReferenceReader.Read(scalar, diagnostics),
            ScalarSyntax scalar => ReadPlain(scalar),
            SequenceSyntax sequence => new ListExpression(sequence.Position, ImmutableArray.CreateRange(sequence.Items, Read)),
            MappingSyntax mapping => ReadMap(mapping),
            _ => Nothing(node.Position),
        };
    }

    /// <summary>The entries as they are, none of them a function.</summary>
    /// <param name="hasFreeNames">The names are the user's own, and may hold references; else they are those of properties.</param>
    public MapExpression ReadEntries(MappingSyntax mapping, bool hasFreeNames = false)
    {
        var entries = ImmutableArray.CreateBuilder<NamedExpression>(mapping.Entries.Length);
        foreach (var entry in mapping.Entries)
        {
            switch (ReferenceReader.Read(new ScalarSyntax(entry.NamePosition, entry.Name, isPlain: false, contentOffset: 0), diagnostics))
            {
                case LiteralExpression { Value: StringValue name }:
                    entries.Add(new NamedExpression(name.Text, entry.NamePosition, Read(entry.Value)));
                    break;
                case var key when hasFreeNames:
                    entries.Add(new NamedExpression(entry.Name, entry.NamePosition, Read(entry.Value), key));
                    break;
                default:
                    diagnostics.Error(entry.NamePosition, $"the name '{entry.Name}' holds a reference, and names of properties can't", "write the name out");
                    break;
            }
        }

        return new MapExpression(mapping.Position, entries.ToImmutable());
    }

    private static LiteralExpression Nothing(Position position) => new(position, NullValue.Instance, "");

    private LiteralExpression ReadPlain(ScalarSyntax scalar)
    {
        if (scalar.Value is NumberValue { Number: >= MaxWhole or <= -MaxWhole } && scalar.Text.AsSpan().IndexOfAny(".eE") < 0)
        {
            diagnostics.Error(scalar.Position, $"{scalar.Text} is larger than numbers are exact (2^53)", "put it in quotes, where text will do");
        }

        return new LiteralExpression(scalar.Position, scalar.Value, scalar.Text);
    }

    private Expression ReadMap(MappingSyntax mapping)
    {
        foreach (var entry in mapping.Entries)
        {
            if (!entry.Name.StartsWith(BuiltInFunctions.Prefix, StringComparison.OrdinalIgnoreCase))
            {
                continue;
            }

            if (mapping.Entries.Length > 1)
            {
                var other = mapping.Entries.First(candidate => candidate.Name != entry.Name);
                diagnostics.Error(other.NamePosition, $"'{other.Name}' can't stand beside '{entry.Name}': a call of a function is a map of one entry",
                    entry.Name == BuiltInFunctions.Invoke ? $"put 'function', 'arguments' and 'return' below '{entry.Name}', further to the right" : "indent what belongs to the call further, or move it away");
                return Nothing(mapping.Position);
            }

            return ReadCall(entry);
        }

        return ReadEntries(mapping, hasFreeNames: true);
    }

    private Expression ReadCall(MappingEntry call)
    {
        if (call.Name.Equals(BuiltInFunctions.Invoke, StringComparison.OrdinalIgnoreCase))
        {
            return ReadInvoke(call);
        }

        if (BuiltInFunctions.ByName.TryGetValue(call.Name, out var function))
        {
            return ReadBuiltIn(call, function);
        }

        if (call.Name.StartsWith(BuiltInFunctions.Prefix, StringComparison.OrdinalIgnoreCase) && call.Name.AsSpan(BuiltInFunctions.Prefix.Length).Contains(':'))
        {
            return new InvokeExpression(call.NamePosition, call.Name[BuiltInFunctions.Prefix.Length..], call.NamePosition with { Column = call.NamePosition.Column + BuiltInFunctions.Prefix.Length })
            {
                Arguments = ReadArguments(call.Value, call.Name),
            };
        }

        if (call.Name.Equals("fn::stackReference", StringComparison.OrdinalIgnoreCase))
        {
            diagnostics.Error(call.NamePosition, "outputs of other stacks can't be read yet", "give the value as a setting: 'blanket config set NAME VALUE'");
            return Nothing(call.NamePosition);
        }

        diagnostics.Error(call.NamePosition, $"there is no function '{call.Name}'",
            Suggestion.For(call.Name, BuiltInFunctions.ByName.Keys.Append(BuiltInFunctions.Invoke)));
        return Nothing(call.NamePosition);
    }

    private Expression ReadBuiltIn(MappingEntry call, BuiltInFunction function)
    {
        var arguments = function switch
        {
            BuiltInFunction.Join or BuiltInFunction.Split or BuiltInFunction.Select
                => call.Value is SequenceSyntax { Items.Length: 2 } list ? ImmutableArray.CreateRange(list.Items, Read) : default,
            BuiltInFunction.AssetArchive => call.Value is MappingSyntax mapping ? [ReadEntries(mapping)] : default,
            BuiltInFunction.ToJson or BuiltInFunction.Secret or BuiltInFunction.Unsecret or BuiltInFunction.Length => [Read(call.Value)],
            BuiltInFunction.SingleOrNone => call.Value is SequenceSyntax { Items: [SequenceSyntax only] } ? [Read(only)] : [Read(call.Value)],
            _ => call.Value is SequenceSyntax or ScalarSyntax { IsNull: true } ? default : ImmutableArray.Create(Read(call.Value)),
        };
        if (arguments.IsDefault)
        {
            var needs = function switch
            {
                BuiltInFunction.Join => "a list of two: the text between, and the list",
                BuiltInFunction.Split => "a list of two: the text between, and the text to split",
                BuiltInFunction.Select => "a list of two: the index, and the list",
                BuiltInFunction.AssetArchive => "a map of assets and archives",
                _ => "one text",
            };
            diagnostics.Error(call.Value is ScalarSyntax { IsNull: true } ? call.NamePosition : call.Value.Position, $"'{call.Name}' needs {needs}", $"write '{BuiltInFunctions.ExampleOf(function)}'");
            return Nothing(call.NamePosition);
        }

        return new FunctionExpression(call.NamePosition, function, arguments);
    }

    private Expression ReadInvoke(MappingEntry call)
    {
        if (call.Value is not MappingSyntax fields)
        {
            diagnostics.Error(call.Value.Position, "'fn::invoke' needs a map with 'function' and 'arguments'", "write 'fn::invoke: { function: package:name, arguments: { … } }'");
            return Nothing(call.NamePosition);
        }

        ScalarSyntax? function = null;
        MapExpression? arguments = null;
        ScalarSyntax? wanted = null;
        Dictionary<string, SyntaxNode> options = new(StringComparer.Ordinal);
        foreach (var field in fields.Entries)
        {
            switch (InvokeFields.FirstOrDefault(name => name.Equals(field.Name, StringComparison.OrdinalIgnoreCase)))
            {
                case "function":
                    function = RequireText(field);
                    break;
                case "return":
                    wanted = RequireText(field);
                    break;
                case "arguments":
                    arguments = ReadArguments(field.Value, "arguments");
                    break;
                case "options":
                    ReadInvokeOptions(field, options);
                    break;
                default:
                    diagnostics.Error(field.NamePosition, $"'fn::invoke' has no field '{field.Name}'",
                        Suggestion.For(field.Name, InvokeFields, "it"));
                    break;
            }
        }

        if (function is null)
        {
            if (!fields.Entries.Any(field => field.Name.Equals("function", StringComparison.OrdinalIgnoreCase)))
            {
                diagnostics.Error(call.NamePosition, "'fn::invoke' needs the field 'function'", "add it, such as 'function: blanket:getHostFacts'");
            }

            return Nothing(call.NamePosition);
        }

        return new InvokeExpression(call.NamePosition, function.Text, function.Position)
        {
            Arguments = arguments,
            Return = wanted?.Text,
            ReturnPosition = wanted?.Position ?? default,
            Provider = options.TryGetValue("provider", out var provider) ? Read(provider) : null,
            Parent = options.TryGetValue("parent", out var parent) ? Read(parent) : null,
            DependsOn = options.TryGetValue("dependsOn", out var dependsOn) ? Read(dependsOn) : null,
            Version = options.GetValueOrDefault("version") is ScalarSyntax version ? version.Text : "",
        };
    }

    private void ReadInvokeOptions(MappingEntry field, Dictionary<string, SyntaxNode> options)
    {
        if (field.Value is not MappingSyntax mapping)
        {
            diagnostics.Error(field.Value.Position, $"'options' needs a map, and here stands {field.Value.Kind}");
            return;
        }

        foreach (var option in mapping.Entries)
        {
            if (InvokeOptions.Contains(option.Name))
            {
                options[option.Name] = option.Value;
            }
            else
            {
                diagnostics.Error(option.NamePosition, $"calls of functions have no option '{option.Name}'", Suggestion.For(option.Name, InvokeOptions));
            }
        }
    }

    private MapExpression? ReadArguments(SyntaxNode node, string name)
    {
        switch (node)
        {
            case MappingSyntax mapping:
                return ReadEntries(mapping);
            case ScalarSyntax { IsNull: true }:
                return null;
            default:
                diagnostics.Error(node.Position, $"'{name}' needs a map of arguments, and here stands {node.Kind}", "write 'name: value' for each argument, below it");
                return null;
        }
    }

    private ScalarSyntax? RequireText(MappingEntry field)
    {
        if (field.Value is ScalarSyntax { Value: StringValue } scalar)
        {
            return scalar;
        }

        diagnostics.Error(field.Value.Position, $"'{field.Name}' needs text, and here stands {(field.Value is ScalarSyntax { IsNull: true } ? "nothing" : field.Value.Kind)}");
        return null;
    }
}
