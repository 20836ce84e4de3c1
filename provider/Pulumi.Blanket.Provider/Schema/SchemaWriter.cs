using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Pulumi.Blanket.Protocol.Values;
using Pulumi.Blanket.Provider.Configuration;
using Pulumi.Blanket.Provider.Definitions;
using Pulumi.Blanket.Provider.Functions;
using Pulumi.Blanket.Provider.Resources;

namespace Pulumi.Blanket.Provider.Schema;

/// <summary>Writes a package's schema, from which Pulumi generates SDKs and documentation, off its definitions.</summary>
internal sealed class SchemaWriter
{
    private readonly SortedDictionary<string, ObjectDefinition> _objects = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, EnumDefinition> _enums = new(StringComparer.Ordinal);
    private readonly Utf8JsonWriter _json;

    private SchemaWriter(Utf8JsonWriter json) => _json = json;

    public static string Write(Package package)
    {
        using MemoryStream stream = new();
        using (Utf8JsonWriter json = new(stream, new JsonWriterOptions { Indented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            new SchemaWriter(json).WritePackage(package);
        }

        return Encoding.UTF8.GetString(stream.ToArray()) + "\n";
    }

    private void WritePackage(Package package)
    {
        _json.WriteStartObject();
        _json.WriteString("name", BlanketPackage.Name);
        _json.WriteString("displayName", "Pulumi.Blanket");
        _json.WriteString("version", PluginVersion.Current);
        _json.WriteString("description", "One stack, many clouds, machines that move between them while they run: virtual machines on a layer of your own inside rented ones.");
        WriteTexts("keywords", ["pulumi", "blanket", "virtual-machines", "live-migration", "multi-cloud", "category/infrastructure", "kind/native"]);
        _json.WriteString("license", "Apache-2.0");
        WriteLanguages();

        _json.WriteStartObject("config");
        WriteProperties("variables", ProviderConfiguration.Definition.Properties);
        _json.WriteEndObject();

        _json.WriteStartObject("provider");
        _json.WriteString("description", ProviderConfiguration.Definition.Description);
        WriteProperties("inputProperties", ProviderConfiguration.Definition.Properties);
        _json.WriteEndObject();

        _json.WriteStartObject("resources");
        foreach (var resource in package.Resources.OrderBy(resource => resource.Token, StringComparer.Ordinal))
        {
            WriteResource(resource);
        }

        _json.WriteEndObject();
        _json.WriteStartObject("functions");
        foreach (var function in package.Functions.OrderBy(function => function.Token, StringComparer.Ordinal))
        {
            WriteFunction(function);
        }

        _json.WriteEndObject();
        WriteTypes();
        _json.WriteEndObject();
    }

    private void WriteLanguages()
    {
        _json.WriteStartObject("language");
        _json.WriteStartObject("csharp");
        _json.WriteString("rootNamespace", "Pulumi");
        _json.WriteStartObject("namespaces");
        _json.WriteString(BlanketPackage.Name, "Blanket");
        _json.WriteEndObject();
        _json.WriteBoolean("respectSchemaVersion", true);
        _json.WriteEndObject();
        _json.WriteStartObject("go");
        _json.WriteBoolean("generateResourceContainerTypes", true);
        _json.WriteBoolean("respectSchemaVersion", true);
        _json.WriteEndObject();
        _json.WriteStartObject("nodejs");
        _json.WriteString("packageName", "@pulumi/blanket");
        _json.WriteBoolean("respectSchemaVersion", true);
        _json.WriteEndObject();
        _json.WriteStartObject("python");
        _json.WriteString("packageName", "pulumi_blanket");
        _json.WriteStartObject("pyproject");
        _json.WriteBoolean("enabled", true);
        _json.WriteEndObject();
        _json.WriteBoolean("respectSchemaVersion", true);
        _json.WriteEndObject();
        _json.WriteEndObject();
    }

    private void WriteResource(Resource resource)
    {
        // An output that has an input's name takes its place.
        var own = resource.OutputDefinition.Properties;
        var inputs = resource.InputDefinition.Properties;
        var all = inputs.Where(input => own.All(output => output.Name != input.Name)).Concat(own).OrderBy(property => property.Name, StringComparer.Ordinal).ToList();
        _json.WriteStartObject(resource.Token);
        _json.WriteString("description", EmbeddedFiles.ReadDocs(resource.GetType(), resource.TypeName));
        WriteProperties("properties", all);
        WriteTexts("required", all.Where(property => property.IsRequired || property.Default is not null || property.AutoName is not null).Select(property => property.Name));
        WriteProperties("inputProperties", inputs);
        WriteTexts("requiredInputs", inputs.Where(property => property.IsRequired).Select(property => property.Name));
        _json.WriteEndObject();
    }

    private void WriteFunction(Function function)
    {
        _json.WriteStartObject(function.Token);
        _json.WriteString("description", EmbeddedFiles.ReadDocs(function.GetType(), function.FunctionName));
        _json.WriteStartObject("inputs");
        WriteObject(function.ArgumentDefinition);
        _json.WriteEndObject();
        _json.WriteStartObject("outputs");
        WriteObject(function.ResultDefinition);
        _json.WriteEndObject();
        _json.WriteEndObject();
    }

    // Types lead to further types, and each is written once.
    private void WriteTypes()
    {
        _json.WriteStartObject("types");
        HashSet<string> written = [];
        while (_objects.Keys.FirstOrDefault(name => !written.Contains(name)) is { } next)
        {
            written.Add(next);
            _json.WriteStartObject(TokenOf(next));
            WriteObject(_objects[next]);
            _json.WriteEndObject();
        }

        foreach (var (name, definition) in _enums)
        {
            _json.WriteStartObject(TokenOf(name));
            _json.WriteString("description", definition.Description);
            _json.WriteString("type", "string");
            _json.WriteStartArray("enum");
            foreach (var value in definition.Values)
            {
                _json.WriteStartObject();
                _json.WriteString("name", value.Name);
                _json.WriteString("value", value.Value);
                _json.WriteString("description", value.Description);
                _json.WriteEndObject();
            }

            _json.WriteEndArray();
            _json.WriteEndObject();
        }

        _json.WriteEndObject();
    }

    private void WriteObject(ObjectDefinition definition)
    {
        if (definition.Description.Length > 0)
        {
            _json.WriteString("description", definition.Description);
        }

        _json.WriteString("type", "object");
        WriteProperties("properties", definition.Properties);
        WriteTexts("required", definition.Properties.Where(property => property.IsRequired).Select(property => property.Name));
    }

    private void WriteProperties(string section, IEnumerable<PropertyDefinition> properties)
    {
        _json.WriteStartObject(section);
        foreach (var property in properties.OrderBy(property => property.Name, StringComparer.Ordinal))
        {
            _json.WriteStartObject(property.Name);
            _json.WriteString("description", DescriptionOf(property));
            WriteType(property.Value);
            switch (property.Default?.Bare)
            {
                case StringValue { Text: var text }:
                    _json.WriteString("default", text);
                    break;
                case BoolValue { Truth: var truth }:
                    _json.WriteBoolean("default", truth);
                    break;
                case NumberValue { Number: var number }:
                    _json.WriteNumber("default", (decimal)number);
                    break;
            }

            if (property.IsSecret)
            {
                _json.WriteBoolean("secret", true);
            }

            if (property.Replaces is not null)
            {
                _json.WriteBoolean("willReplaceOnChanges", true);
            }

            _json.WriteEndObject();
        }

        _json.WriteEndObject();
    }

    private void WriteType(ValueDefinition value)
    {
        switch (value.Shape)
        {
            case ValueShape.Any:
            case ValueShape.Object when value.Object!.IsOpaque:
                _json.WriteString("$ref", "pulumi.json#/Any");
                break;
            case ValueShape.Object:
                _objects[value.Object!.Name] = value.Object;
                _json.WriteString("$ref", $"#/types/{TokenOf(value.Object.Name)}");
                break;
            case ValueShape.Enumeration:
                _enums[value.Enumeration!.Name] = value.Enumeration;
                _json.WriteString("$ref", $"#/types/{TokenOf(value.Enumeration.Name)}");
                break;
            case ValueShape.List:
                _json.WriteString("type", "array");
                WriteElement("items", value.Element!);
                break;
            case ValueShape.Map:
                _json.WriteString("type", "object");
                WriteElement("additionalProperties", value.Element!);
                break;
            default:
                _json.WriteString("type", value.Shape switch
                {
                    ValueShape.Boolean => "boolean",
                    ValueShape.Integer => "integer",
                    ValueShape.Number => "number",
                    _ => "string",
                });
                break;
        }
    }

    private void WriteElement(string name, ValueDefinition element)
    {
        _json.WriteStartObject(name);
        WriteType(element);
        _json.WriteEndObject();
    }

    private void WriteTexts(string name, IEnumerable<string> texts)
    {
        _json.WriteStartArray(name);
        foreach (var text in texts)
        {
            _json.WriteStringValue(text);
        }

        _json.WriteEndArray();
    }

    private static string DescriptionOf(PropertyDefinition property)
    {
        StringBuilder text = new(property.Description);
        if (property.Rules.Any(rule => rule.OfCollections || property.Value.Element is null))
        {
            text.Append(CultureInfo.InvariantCulture, $" Must be {InputChecker.RequirementOf(property)}.");
        }

        if (property.Value.Element is { } element && property.Rules.Any(rule => !rule.OfCollections))
        {
            text.Append(CultureInfo.InvariantCulture, $" Each must be {InputChecker.RequirementOf(property, element)}.");
        }

        if (property.AutoName is not null)
        {
            text.Append(" Where it is absent, the provider makes it up from the resource's name, and keeps it.");
        }

        var byDefault = property.Default switch
        {
            StringValue { Text: var value } => value,
            BoolValue { Truth: var truth } => truth ? "true" : "false",
            NumberValue { Number: var number } => number.ToString(CultureInfo.InvariantCulture),
            _ => null,
        };
        return byDefault is null ? text.ToString() : text.Append(CultureInfo.InvariantCulture, $" Defaults to `{byDefault}`.").ToString();
    }

    private static string TokenOf(string name) => $"{BlanketPackage.Name}:index:{name}";
}
