using Pulumi.Blanket.Engine.Programs.Checking;
using Pulumi.Blanket.Engine.Programs.Running;
using Pulumi.Blanket.Engine.Programs.Schemas;
using Pulumi.Blanket.Engine.Programs.Syntax;
using Pulumi.Blanket.Protocol.Values;

namespace Pulumi.Blanket.Engine.Programs.Documents;

internal sealed partial class DocumentReader
{
    private static readonly string[] ConfigFields = ["type", "default", "value", "secret", "items", "description"];
    private static readonly string[] ConfigTypes = ["string", "integer", "number", "boolean", "array", "object"];

    private void ReadConfig(MappingEntry entry)
    {
        ConfigDeclaration config = new(entry.Name, entry.NamePosition);
        if (entry.Value is not MappingSyntax fields)
        {
            // The short form: the value itself.
            config.Default = Constant(entry.Value);
            _document.Config.Add(config);
            return;
        }

        SyntaxNode? given = null;
        foreach (var field in fields.Entries)
        {
            switch (field.Name)
            {
                case "type":
                    config.Type = Text(field) is { } type ? ReadType(type, Field(fields, "items")) : null;
                    break;
                case "default" or "value":
                    given = field.Value;
                    config.Default = Constant(field.Value);
                    break;
                case "secret":
                    config.IsSecret = Truth(field) ?? false;
                    break;
                case "items" or "description":
                    break;
                default:
                    _diagnostics.Error(field.NamePosition, $"a setting has no field '{field.Name}'", Suggestion.For(field.Name, ConfigFields, "it"));
                    break;
            }
        }

        if (config is { Type: { } declared, Default: { } value } && given is not null && ConfigReader.Convert(value, declared) is null)
        {
            _diagnostics.Error(given.Position, $"the default of the setting '{entry.Name}' must be {declared.Description}, and here stands {given.Kind}",
                given is ScalarSyntax { Value: StringValue } text && PlainScalar.Read(text.Text) is not StringValue ? "remove the quotes" : null);
        }

        _document.Config.Add(config);
    }

    private static MappingEntry? Field(MappingSyntax fields, string name)
        => fields.Entries.FirstOrDefault(field => field.Name == name) is { Name: not null } found ? found : null;

    private ValueSchema? ReadType(ScalarSyntax type, MappingEntry? items)
    {
        // Also the older names, such as `String` and `List<String>`.
        var name = type.Text.ToLowerInvariant();
        if (name.StartsWith("list<", StringComparison.Ordinal) && name.EndsWith('>'))
        {
            return ReadType(new ScalarSyntax(type.Position, name[5..^1], isPlain: false, -1), null) is { } element ? ValueSchema.ListOf(element) : null;
        }

        switch (name)
        {
            case "string":
                return ValueSchema.Text;
            case "integer" or "int":
                return ValueSchema.Integer;
            case "number":
                return ValueSchema.Number;
            case "boolean" or "bool":
                return ValueSchema.Boolean;
            case "object":
                return ValueSchema.MapOf(ValueSchema.Any);
            case "array":
                return ValueSchema.ListOf(items is { } described ? ReadItems(described) : ValueSchema.Any);
            default:
                _diagnostics.Error(type.Position, $"there is no type of settings '{type.Text}'", Suggestion.For(name, ConfigTypes));
                return null;
        }
    }

    private ValueSchema ReadItems(MappingEntry items)
    {
        if (Map(items) is not { } fields)
        {
            return ValueSchema.Any;
        }

        if (Field(fields, "type") is not { } type)
        {
            _diagnostics.Error(items.NamePosition, "'items' needs a type", "add it, such as 'type: string'");
            return ValueSchema.Any;
        }

        return Text(type) is { } text ? ReadType(text, Field(fields, "items")) ?? ValueSchema.Any : ValueSchema.Any;
    }

    /// <summary>A value that holds no reference and no function.</summary>
    private PropertyValue Constant(SyntaxNode node)
    {
        switch (node)
        {
            case ScalarSyntax scalar:
                if (scalar.Text.Contains("${", StringComparison.Ordinal))
                {
                    _diagnostics.Error(scalar.Position, "a setting can't refer to anything", "give the value itself, and use 'variables' for what follows from settings");
                }

                return scalar.Value;
            case SequenceSyntax sequence:
                return new ArrayValue([.. sequence.Items.Select(Constant)]);
            case MappingSyntax mapping:
                return new ObjectValue(mapping.Entries.Select(entry => KeyValuePair.Create(entry.Name, Constant(entry.Value))));
            default:
                return NullValue.Instance;
        }
    }
}
