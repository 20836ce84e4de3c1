using System.Text.Json;
using System.Text.Json.Nodes;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Pulumi.Blanket.Protocol.Contract;
using Pulumi.Blanket.Provider.Schema;
using Pulumi.Blanket.Provider.Tests.Engine;

namespace Pulumi.Blanket.Provider.Tests;

/// <summary>The schema is what the definitions say, and nothing in it breaks a generated SDK.</summary>
public sealed class SchemaTests
{
    // What resources and their options have already, in some language's SDK or in the engine.
    private static readonly string[] Taken =
    [
        "id", "urn", "pulumi", "provider", "providers", "parent", "dependsOn", "protect", "aliases", "version", "opts", "options", "deletedWith", "ignoreChanges", "import", "hooks",
        "getResourceType", "pulumiResourceName", "pulumiResourceType", "resourceName", "get", "toString", "equals", "getHashCode", "getType",
    ];

    // Keywords of TypeScript, Python, Go, C# and Java that SDKs do not all escape.
    private static readonly string[] Keywords =
    [
        "abstract", "and", "as", "assert", "async", "await", "base", "bool", "break", "byte", "case", "catch", "chan", "char", "checked", "class", "const", "continue", "decimal", "def",
        "default", "defer", "del", "delegate", "delete", "do", "double", "elif", "else", "enum", "event", "except", "explicit", "export", "extends", "extern", "fallthrough", "false", "final",
        "finally", "fixed", "float", "for", "foreach", "from", "func", "function", "global", "go", "goto", "if", "implements", "implicit", "import", "in", "instanceof", "int", "interface",
        "internal", "is", "lambda", "lock", "long", "map", "namespace", "native", "new", "none", "nonlocal", "not", "null", "object", "operator", "or", "out", "override", "package", "params",
        "pass", "print", "private", "protected", "public", "raise", "range", "readonly", "ref", "return", "sbyte", "sealed", "select", "self", "short", "sizeof", "stackalloc", "static",
        "string", "struct", "super", "switch", "synchronized", "this", "throw", "throws", "transient", "true", "try", "type", "typeof", "uint", "ulong", "unchecked", "unsafe", "ushort",
        "using", "var", "virtual", "void", "volatile", "while", "with", "yield",
    ];

    private static readonly string[] Kinds = ["resources", "types", "functions"];

    private static readonly string[] Suffixes = ["", "Args", "Result", "State"];

    private static readonly JsonObject Schema = JsonNode.Parse(SchemaWriter.Write(BlanketPackage.Create()))!.AsObject();

    [Fact]
    public async Task The_committed_file_is_up_to_date()
        => Assert.True(
            await File.ReadAllTextAsync(PluginProcess.InRepository("schema", "schema.json"), TestContext.Current.CancellationToken) == SchemaWriter.Write(BlanketPackage.Create()),
            "schema/schema.json is not what the definitions say; `make schema` writes it anew");

    [Fact]
    public async Task The_plugin_answers_the_schema_that_it_would_write()
    {
        await using var plugin = await PluginProcess.StartAsync();
        var answered = (await plugin.Engine.Client.GetSchemaAsync(new GetSchemaRequest(), cancellationToken: TestContext.Current.CancellationToken)).Schema;
        Assert.True(answered == SchemaWriter.Write(BlanketPackage.Create()), "the plugin in bin is older than the definitions; `make provider` builds it anew");

        // Compiled ahead of time, too, the definitions have all that their attributes say.
        using var process = System.Diagnostics.Process.Start(new System.Diagnostics.ProcessStartInfo(PluginProcess.Path, ["schema"]) { RedirectStandardOutput = true })!;
        Assert.Equal(answered, await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_format_of_the_future_is_refused()
    {
        await using var plugin = await PluginProcess.StartAsync();
        var fault = await Assert.ThrowsAsync<RpcException>(async () => await plugin.Engine.Client.GetSchemaAsync(new GetSchemaRequest { Version = 1 }, cancellationToken: TestContext.Current.CancellationToken));
        Assert.Equal(StatusCode.InvalidArgument, fault.StatusCode);
    }

    [Fact]
    public void Every_property_has_a_name_that_is_free_everywhere()
        => Assert.All(Properties(), property =>
        {
            Assert.Matches("^[a-z][A-Za-z0-9]*$", property.Name);
            // A config variable becomes a variable; there `version` and its like would be taken too.
            Assert.DoesNotContain(property.Name, Taken);
            Assert.DoesNotContain(property.Name, Keywords);
            Assert.False(string.Equals(property.Name, property.Owner, StringComparison.OrdinalIgnoreCase), $"C# has no member that is named like its type, {property.Owner}");
        });

    [Fact]
    public void Names_differ_in_more_than_case_and_underscores()
    {
        foreach (var owner in Properties().GroupBy(property => (property.Owner, property.Section)))
        {
            Assert.Distinct(owner.Select(property => property.Name.ToLowerInvariant()));
        }

        // Input and output types get the suffixes Args and Result, and functions the names of their results.
        var types = Kinds.SelectMany(section => Section(section).Select(pair => LastPart(pair.Key))).ToList();
        Assert.Distinct(types.SelectMany(name => Suffixes.Select(suffix => (name + suffix).ToLowerInvariant())));
    }

    [Fact]
    public void Everything_has_a_description_in_sentences()
    {
        Assert.All(Properties(), property => Assert.Matches("^[A-Z`].*[.]$", property.Definition["description"]!.GetValue<string>()));
        Assert.All(Section("resources").Concat(Section("functions")), pair =>
        {
            var text = pair.Value!["description"]!.GetValue<string>();
            Assert.Contains("{{% examples %}}", text);
            Assert.Contains("```yaml", text);
            Assert.Contains("```csharp", text);
            Assert.Equal(Count(text, "{{% example %}}"), Count(text, "{{% /example %}}"));
        });
        Assert.All(Section("types"), pair => Assert.NotEmpty(pair.Value!["description"]!.GetValue<string>()));
    }

    [Fact]
    public void Every_reference_resolves_and_every_type_is_used()
    {
        HashSet<string> used = [];
        foreach (var reference in References(Schema))
        {
            if (reference == "pulumi.json#/Any")
            {
                continue;
            }

            Assert.StartsWith("#/types/", reference);
            Assert.Contains(reference["#/types/".Length..], Section("types").Select(pair => pair.Key));
            used.Add(reference["#/types/".Length..]);
        }

        Assert.Equal(Section("types").Select(pair => pair.Key).Order(StringComparer.Ordinal), used.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void What_is_required_exists()
    {
        foreach (var (_, resource) in Section("resources"))
        {
            AssertSubset(resource!["required"]!, resource["properties"]!);
            AssertSubset(resource["requiredInputs"]!, resource["inputProperties"]!);
            // An input is an output too.
            AssertSubset(new JsonArray([.. resource["inputProperties"]!.AsObject().Select(pair => JsonValue.Create(pair.Key))]), resource["properties"]!);
        }
    }

    [Fact]
    public void Tokens_are_the_packages_own()
        => Assert.All(
            Kinds.SelectMany(section => Section(section).Select(pair => pair.Key)),
            token => Assert.Matches("^blanket:index:[A-Za-z][A-Za-z0-9]*$", token));

    [Fact]
    public async Task Every_resource_can_be_checked()
    {
        await using var plugin = await PluginProcess.StartAsync();
        foreach (var (token, _) in Section("resources"))
        {
            var response = await plugin.Engine.Client.CheckAsync(
                new CheckRequest { Urn = EngineSession.UrnOf(token, "x"), Type = token, Name = "x", News = new Struct() }, cancellationToken: TestContext.Current.CancellationToken);
            Assert.All(response.Failures, failure => Assert.Contains(" is missing; it must be ", failure.Reason));
        }
    }

    private static void AssertSubset(JsonNode names, JsonNode properties)
        => Assert.Subset(properties.AsObject().Select(pair => pair.Key).ToHashSet(), names.AsArray().Select(name => name!.GetValue<string>()).ToHashSet());

    private static JsonObject Section(string name) => Schema[name]!.AsObject();

    private static string LastPart(string token) => token[(token.LastIndexOf(':') + 1)..];

    private static int Count(string text, string part) => text.Split(part).Length - 1;

    private static IEnumerable<(string Owner, string Section, string Name, JsonObject Definition)> Properties()
    {
        var resources = Section("resources").SelectMany(pair => PropertiesOf(pair.Key, "properties", pair.Value!).Concat(PropertiesOf(pair.Key, "inputProperties", pair.Value!)));
        var types = Section("types").Where(pair => pair.Value!["properties"] is not null).SelectMany(pair => PropertiesOf(pair.Key, "properties", pair.Value!));
        var functions = Section("functions").SelectMany(pair => PropertiesOf(pair.Key, "properties", pair.Value!["inputs"]!).Concat(PropertiesOf(pair.Key + "Result", "properties", pair.Value["outputs"]!)));
        return [.. resources, .. types, .. functions, .. PropertiesOf("Provider", "inputProperties", Schema["provider"]!), .. PropertiesOf("Config", "variables", Schema["config"]!)];
    }

    private static IEnumerable<(string Owner, string Section, string Name, JsonObject Definition)> PropertiesOf(string owner, string section, JsonNode place)
        => place[section]!.AsObject().Select(pair => (LastPart(owner), section, pair.Key, pair.Value!.AsObject()));

    private static IEnumerable<string> References(JsonNode? node) => node switch
    {
        JsonObject properties => properties.SelectMany(pair => pair.Key == "$ref" && pair.Value!.GetValueKind() == JsonValueKind.String ? [pair.Value.GetValue<string>()] : References(pair.Value)),
        JsonArray items => items.SelectMany(References),
        _ => [],
    };
}
