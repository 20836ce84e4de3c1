using Pulumi.Blanket.Engine.Programs.Checking;
using Pulumi.Blanket.Engine.Programs.Expressions;
using Pulumi.Blanket.Engine.Programs.Syntax;
using Pulumi.Blanket.Protocol;
using Pulumi.Blanket.Protocol.Values;

namespace Pulumi.Blanket.Engine.Programs.Documents;

/// <summary>Reads a program's sections off a YAML file, and reports what has no meaning there.</summary>
internal sealed partial class DocumentReader
{
    private static readonly string[] Sections = ["config", "variables", "resources", "outputs"];

    // What a project file holds beside a program; it is read elsewhere.
    private static readonly string[] ProjectKeys =
    [
        "name", "runtime", "main", "description", "author", "website", "license", "backend", "options", "plugins", "packages", "template",
        "stackConfigDir", "requiredPulumiVersion", "pulumi", "metadata", "namespace", "version",
    ];

    private static readonly string[] ResourceFields = ["type", "name", "properties", "options", "get", "defaultProvider"];

    private readonly ProgramDocument _document = new();
    private readonly DiagnosticList _diagnostics;
    private readonly ExpressionReader _expressions;

    private DocumentReader(DiagnosticList diagnostics)
    {
        _diagnostics = diagnostics;
        _expressions = new ExpressionReader(diagnostics);
    }

    public static ProgramDocument Read(SyntaxNode? root, DiagnosticList diagnostics)
    {
        DocumentReader reader = new(diagnostics);
        reader.ReadSections(root);
        return reader._document;
    }

    private void ReadSections(SyntaxNode? root)
    {
        if (root is null or ScalarSyntax { IsNull: true })
        {
            return;
        }

        if (root is not MappingSyntax sections)
        {
            _diagnostics.Error(root.Position, $"a program is a map of sections, and here stands {root.Kind}", "begin with 'resources:'");
            return;
        }

        foreach (var section in sections.Entries)
        {
            switch (section.Name)
            {
                case "config" or "configuration":
                    Each(section, ReadConfig);
                    break;
                case "variables":
                    Each(section, entry => _document.Variables.Add(new VariableDeclaration(entry.Name, entry.NamePosition, _expressions.Read(entry.Value))));
                    break;
                case "resources":
                    Each(section, ReadResource);
                    break;
                case "outputs":
                    Each(section, entry => _document.Outputs.Add(new NamedExpression(entry.Name, entry.NamePosition, _expressions.Read(entry.Value))));
                    break;
                case "components":
                    _diagnostics.Error(section.NamePosition, "components can't be defined in a program yet", "write their resources under 'resources'");
                    break;
                case var name when !ProjectKeys.Contains(name):
                    ReportUnknownSection(section);
                    break;
            }
        }
    }

    // A near miss would silently lose a section; what resembles nothing may be another tool's.
    private void ReportUnknownSection(MappingEntry section)
    {
        if (NearestName.Find(section.Name, [.. Sections, .. ProjectKeys]) is { } nearest)
        {
            _diagnostics.Error(section.NamePosition, $"there is no section '{section.Name}'", $"did you mean '{nearest}'?");
        }
        else
        {
            _diagnostics.Warning(section.NamePosition, $"the section '{section.Name}' has no meaning and is ignored", $"a program has: {string.Join(", ", Sections)}");
        }
    }

    private void Each(MappingEntry section, Action<MappingEntry> read)
    {
        if (Map(section) is { } entries)
        {
            foreach (var entry in entries.Entries)
            {
                read(entry);
            }
        }
    }

    private void ReadResource(MappingEntry entry)
    {
        ResourceDeclaration resource = new(entry.Name, entry.NamePosition);
        _document.Resources.Add(resource);
        if (entry.Value is not MappingSyntax fields)
        {
            var isEmpty = entry.Value is ScalarSyntax { IsNull: true };
            _diagnostics.Error(isEmpty ? entry.NamePosition : entry.Value.Position, $"the resource '{entry.Name}' needs a map with 'type' and 'properties', and here stands {(isEmpty ? "nothing" : entry.Value.Kind)}",
                isEmpty ? "write them in the lines below it, further to the right" : null);
            return;
        }

        foreach (var field in fields.Entries)
        {
            ReadResourceField(resource, field);
        }

        if (!fields.Entries.Any(field => field.Name == "type"))
        {
            _diagnostics.Error(entry.NamePosition, $"the resource '{entry.Name}' has no type", "add it, such as 'type: blanket:VirtualMachine'");
        }

        if (resource is { ReadId: not null, Properties: { } properties })
        {
            _diagnostics.Error(properties.Position, $"the resource '{entry.Name}' is only read ('get'), and what is read has no properties to set", "remove 'properties', or 'get'");
        }
    }

    private void ReadResourceField(ResourceDeclaration resource, MappingEntry field)
    {
        switch (field.Name)
        {
            case "type":
                if (Text(field) is { } type)
                {
                    if (type.Text.Length == 0)
                    {
                        _diagnostics.Error(type.Position, "'type' is empty", "write one, such as 'type: blanket:VirtualMachine'");
                    }

                    resource.Type = type.Text;
                    resource.TypePosition = type.Position;
                }

                break;
            case "name":
                resource.LogicalName = _expressions.Read(field.Value);
                break;
            case "properties":
                resource.Properties = Map(field) is { } properties ? _expressions.ReadEntries(properties) : null;
                break;
            case "options":
                Each(field, option => ReadOption(resource.Options, option));
                break;
            case "get":
                ReadGet(resource, field);
                break;
            case "defaultProvider":
                resource.IsDefaultProvider = Truth(field) ?? false;
                break;
            default:
                var hint = OptionNames.Contains(field.Name) ? "move it into 'options'"
                    : NearestName.Find(field.Name, ResourceFields) is { } nearest ? $"did you mean '{nearest}'?"
                    : $"write properties below 'properties'; a resource itself has: {string.Join(", ", ResourceFields)}";
                _diagnostics.Error(field.NamePosition, $"the resource '{resource.Name}' has a field '{field.Name}', which has no meaning there", hint);
                break;
        }
    }

    private void ReadGet(ResourceDeclaration resource, MappingEntry get)
    {
        // Kept even where it is wrong: a resource to be read must not be taken for one to be made.
        resource.ReadId = new LiteralExpression(get.NamePosition, NullValue.Instance, "");
        if (Map(get) is not { } fields)
        {
            return;
        }

        foreach (var field in fields.Entries)
        {
            switch (field.Name)
            {
                case "id":
                    resource.ReadId = _expressions.Read(field.Value);
                    break;
                case "state":
                    resource.ReadState = Map(field) is { } state ? _expressions.ReadEntries(state) : null;
                    break;
                default:
                    _diagnostics.Error(field.NamePosition, $"'get' has no field '{field.Name}'", Suggestion.For(field.Name, ["id", "state"], "it"));
                    break;
            }
        }

        if (resource.ReadId is LiteralExpression { Value: NullValue })
        {
            _diagnostics.Error(get.NamePosition, "'get' needs the id of the resource to read", "add 'id:' below it");
        }
    }

    private MappingSyntax? Map(MappingEntry entry)
    {
        switch (entry.Value)
        {
            case MappingSyntax mapping:
                return mapping;
            case ScalarSyntax { IsNull: true }:
                return null;
            default:
                _diagnostics.Error(entry.Value.Position, $"'{entry.Name}' needs a map, and here stands {entry.Value.Kind}",
                    entry.Value is SequenceSyntax ? "write 'name: …' instead of '- …'" : "write 'name: …' in the lines below it, further to the right");
                return null;
        }
    }

    private ScalarSyntax? Text(MappingEntry entry)
    {
        if (entry.Value is ScalarSyntax { Value: StringValue } scalar)
        {
            return scalar;
        }

        _diagnostics.Error(entry.Value.Position, $"'{entry.Name}' needs text, and here stands {(entry.Value is ScalarSyntax { IsNull: true } ? "nothing" : entry.Value.Kind)}");
        return null;
    }

    private bool? Truth(MappingEntry entry)
    {
        if (entry.Value is ScalarSyntax { Value: BoolValue truth })
        {
            return truth.Truth;
        }

        _diagnostics.Error(entry.Value.Position, $"'{entry.Name}' must be true or false", entry.Value is ScalarSyntax { Text: "yes" or "no" or "true" or "false" } ? "write true or false, without quotes" : null);
        return null;
    }
}
