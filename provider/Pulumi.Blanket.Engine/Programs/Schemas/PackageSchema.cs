using System.Collections.Frozen;
using System.Text.Json;
using Pulumi.Blanket.Engine.Programs.Documents;
using Pulumi.Blanket.Protocol.Values;

namespace Pulumi.Blanket.Engine.Programs.Schemas;

/// <summary>
/// What a package has, read off the schema that its plugin gives (pulumi/pulumi, <c>pkg/codegen/schema/pulumi.json</c>). Schemas of
/// large clouds have thousands of types, so each is read when a program names it.
/// </summary>
internal sealed class PackageSchema
{
    private const string TypePrefix = "#/types/";
    private const string ResourcePrefix = "#/resources/";

    private readonly JsonElement _root;
    private readonly Dictionary<string, JsonElement> _resourceElements;
    private readonly Dictionary<string, JsonElement> _functionElements;
    private readonly Dictionary<string, JsonElement> _typeElements;
    private readonly Dictionary<string, ResourceSchema?> _resources = new(StringComparer.Ordinal);
    private readonly Dictionary<string, FunctionSchema?> _functions = new(StringComparer.Ordinal);
    private readonly Dictionary<string, ValueSchema> _types = new(StringComparer.Ordinal);
    private ResourceSchema? _provider;

    private PackageSchema(string package, JsonElement root)
    {
        Package = package;
        _root = root;
        _resourceElements = Members(root, "resources");
        _functionElements = Members(root, "functions");
        _typeElements = Members(root, "types");
    }

    public string Package { get; }

    public IEnumerable<string> ResourceTokens => _resourceElements.Keys;

    public IEnumerable<string> FunctionTokens => _functionElements.Keys;

    public ResourceSchema Provider
        => _provider ??= ReadResource($"{ResourceDeclaration.ProviderPrefix}{Package}", _root.TryGetProperty("provider", out var provider) ? provider : default, isProvider: true);

    /// <exception cref="JsonException">The text is no JSON object.</exception>
    public static PackageSchema Parse(string package, string json)
    {
        using var document = JsonDocument.Parse(json);
        return document.RootElement.ValueKind == JsonValueKind.Object ? new PackageSchema(package, document.RootElement.Clone())
            : throw new JsonException("it is no object");
    }

    /// <summary>The resource that a type in a program means, also in a short form; null for none.</summary>
    public ResourceSchema? FindResource(string type)
    {
        if (!_resources.TryGetValue(type, out var resource))
        {
            resource = Forms(type).FirstOrDefault(_resourceElements.ContainsKey) is { } token ? ReadResource(token, _resourceElements[token], isProvider: false) : null;
            _resources.Add(type, resource);
        }

        return resource;
    }

    /// <summary>The function that a name in a program means, also in a short form; null for none.</summary>
    public FunctionSchema? FindFunction(string name)
    {
        if (!_functions.TryGetValue(name, out var function))
        {
            function = Forms(name).FirstOrDefault(_functionElements.ContainsKey) is { } token ? ReadFunction(token, _functionElements[token]) : null;
            _functions.Add(name, function);
        }

        return function;
    }

    /// <summary>A token in the shortest form that means it: <c>blanket:Host</c> for <c>blanket:index:Host</c>.</summary>
    public static string Shorten(string token)
    {
        var parts = token.Split(':');
        if (parts.Length != 3)
        {
            return token;
        }

        var module = parts[1].Split('/') is [var first, var last] && last == Lower(parts[2]) ? first : parts[1];
        return module == "index" && parts[0] != "pulumi" ? $"{parts[0]}:{parts[2]}" : $"{parts[0]}:{module}:{parts[2]}";
    }

    // `pkg:Type` is in the module `index`; and in a module there may be a part of it for each type (`ec2/instance`).
    private static IEnumerable<string> Forms(string token)
    {
        var parts = token.Split(':');
        if (parts.Length == 2)
        {
            yield return $"{parts[0]}:index:{parts[1]}";
            yield return $"{parts[0]}:index/{Lower(parts[1])}:{parts[1]}";
        }
        else if (parts.Length == 3)
        {
            yield return token;
            yield return $"{parts[0]}:{parts[1]}/{Lower(parts[2])}:{parts[2]}";
        }
    }

    private static string Lower(string name) => name.Length == 0 ? name : $"{char.ToLowerInvariant(name[0])}{name[1..]}";

    private static Dictionary<string, JsonElement> Members(JsonElement element, string name)
    {
        Dictionary<string, JsonElement> members = new(StringComparer.Ordinal);
        if (element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Object)
        {
            foreach (var member in value.EnumerateObject())
            {
                members[member.Name] = member.Value;
            }
        }

        return members;
    }

    private static string? TextOf(JsonElement element, string name)
        => element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static bool IsTrue(JsonElement element, string name)
        => element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.True;

    private static FrozenSet<string> Names(JsonElement element, string name)
        => element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Array
            ? value.EnumerateArray().Select(item => item.GetString() ?? "").ToFrozenSet(StringComparer.Ordinal) : [];

    private ResourceSchema ReadResource(string token, JsonElement element, bool isProvider)
    {
        var inputs = ReadObject(token, element, "inputProperties", "requiredInputs");
        var outputs = ReadObject(token, element, "properties", "required");

        // A provider has its settings as outputs.
        var all = isProvider ? outputs with { Properties = inputs.Properties.Concat(outputs.Properties).DistinctBy(property => property.Key).ToFrozenDictionary(StringComparer.Ordinal) } : outputs;
        return new ResourceSchema(token, IsTrue(element, "isComponent"), inputs, all,
            [.. outputs.Properties.Where(property => property.Value.IsSecret).Select(property => property.Key).Order(StringComparer.Ordinal)],
            TextOf(element, "deprecationMessage"));
    }

    private FunctionSchema ReadFunction(string token, JsonElement element)
    {
        var arguments = element.TryGetProperty("inputs", out var inputs) ? inputs : default;
        var result = element.TryGetProperty("outputs", out var outputs) ? outputs : element.TryGetProperty("returnType", out var type) ? type : default;
        return new FunctionSchema(token, ReadObject(token, arguments, "properties", "required"),
            result.ValueKind == JsonValueKind.Object && result.TryGetProperty("properties", out _)
                ? new ValueSchema { Kind = ValueKind.Object, Object = ReadObject(token, result, "properties", "required") } : ReadType(result),
            TextOf(element, "deprecationMessage"));
    }

    private ObjectSchema ReadObject(string name, JsonElement element, string propertiesName, string requiredName)
        => new(name, Members(element, propertiesName).ToFrozenDictionary(property => property.Key, property => ReadProperty(property.Value), StringComparer.Ordinal),
            Names(element, requiredName));

    private PropertySchema ReadProperty(JsonElement element)
        => new(new Lazy<ValueSchema>(() => ReadType(element)), FirstSentence(TextOf(element, "description") ?? ""), IsTrue(element, "secret"),
            element.TryGetProperty("default", out _) || element.TryGetProperty("defaultInfo", out _) || element.TryGetProperty("const", out _),
            TextOf(element, "deprecationMessage"));

    private static string FirstSentence(string text)
    {
        var line = text.Split('\n')[0].Trim();
        var end = line.IndexOf(". ", StringComparison.Ordinal);
        return (end < 0 ? line : line[..end]).TrimEnd('.');
    }

    private ValueSchema ReadType(JsonElement element)
    {
        if (element.ValueKind != JsonValueKind.Object)
        {
            return ValueSchema.Any;
        }

        if (TextOf(element, "$ref") is { } reference)
        {
            return ReadReference(reference);
        }

        if (element.TryGetProperty("oneOf", out var alternatives) && alternatives.ValueKind == JsonValueKind.Array)
        {
            return new ValueSchema { Kind = ValueKind.Union, Alternatives = [.. alternatives.EnumerateArray().Select(ReadType)] };
        }

        return TextOf(element, "type") switch
        {
            "string" => ValueSchema.Text,
            "integer" => ValueSchema.Integer,
            "number" => ValueSchema.Number,
            "boolean" => ValueSchema.Boolean,
            "array" => ValueSchema.ListOf(element.TryGetProperty("items", out var items) ? ReadType(items) : ValueSchema.Any),
            // Values of a map without a type are text, says the meta-schema.
            "object" => ValueSchema.MapOf(element.TryGetProperty("additionalProperties", out var values) ? ReadType(values) : ValueSchema.Text),
            _ => ValueSchema.Any,
        };
    }

    private ValueSchema ReadReference(string reference)
    {
        switch (reference)
        {
            case "pulumi.json#/Asset":
                return ValueSchema.Asset;
            case "pulumi.json#/Archive":
                return ValueSchema.Archive;
            case "pulumi.json#/Json":
                return ValueSchema.Text;
        }

        if (reference.StartsWith(ResourcePrefix, StringComparison.Ordinal))
        {
            return new ValueSchema { Kind = ValueKind.Resource, Resource = FindResource(Uri.UnescapeDataString(reference[ResourcePrefix.Length..])) };
        }

        // Types of other packages are not looked up.
        if (!reference.StartsWith(TypePrefix, StringComparison.Ordinal))
        {
            return ValueSchema.Any;
        }

        var token = Uri.UnescapeDataString(reference[TypePrefix.Length..]);
        if (!_types.TryGetValue(token, out var type))
        {
            type = _typeElements.TryGetValue(token, out var element) ? ReadNamedType(token, element) : ValueSchema.Any;
            _types.Add(token, type);
        }

        return type;
    }

    private ValueSchema ReadNamedType(string token, JsonElement element)
    {
        if (!element.TryGetProperty("enum", out var members) || members.ValueKind != JsonValueKind.Array)
        {
            return TextOf(element, "type") is "object" or null
                ? new ValueSchema { Kind = ValueKind.Object, Object = ReadObject(token, element, "properties", "required") } : ReadType(element);
        }

        return new ValueSchema
        {
            Kind = ReadType(element).Kind,
            Values = [.. members.EnumerateArray().Where(member => member.TryGetProperty("value", out _)).Select(member => member.GetProperty("value") switch
            {
                { ValueKind: JsonValueKind.String } text => new StringValue(text.GetString() ?? ""),
                { ValueKind: JsonValueKind.Number } number => new NumberValue(number.GetDouble()),
                { ValueKind: JsonValueKind.True } => new BoolValue(true),
                { ValueKind: JsonValueKind.False } => new BoolValue(false),
                _ => (PropertyValue)NullValue.Instance,
            })],
        };
    }
}
