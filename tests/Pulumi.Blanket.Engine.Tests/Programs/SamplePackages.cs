using Pulumi.Blanket.Engine.Plugins;

namespace Pulumi.Blanket.Engine.Tests.Programs;

/// <summary>Schemas for programs in tests: a small package `sample` with a bit of everything, and the provider's own.</summary>
internal sealed class SamplePackages : IPackageSchemas
{
    private const string Sample = """
        {
          "name": "sample",
          "version": "1.0.0",
          "provider": { "inputProperties": { "region": { "type": "string" }, "token": { "type": "string", "secret": true } } },
          "resources": {
            "sample:index:Thing": {
              "inputProperties": {
                "value": { "type": "string", "description": "What it holds. Any text." },
                "size": { "type": "integer" },
                "ratio": { "type": "number" },
                "ready": { "type": "boolean" },
                "mode": { "$ref": "#/types/sample:index:Mode" },
                "tags": { "type": "object", "additionalProperties": { "type": "string" } },
                "items": { "type": "array", "items": { "type": "string" } },
                "part": { "$ref": "#/types/sample:index:Part" },
                "parts": { "type": "array", "items": { "$ref": "#/types/sample:index:Part" } },
                "either": { "oneOf": [{ "type": "string" }, { "type": "array", "items": { "type": "string" } }] },
                "file": { "$ref": "pulumi.json#/Asset" },
                "folder": { "$ref": "pulumi.json#/Archive" },
                "owner": { "$ref": "#/resources/sample:index:Thing" },
                "anything": { "$ref": "pulumi.json#/Any" },
                "password": { "type": "string", "secret": true },
                "former": { "type": "string", "deprecationMessage": "use 'value'" }
              },
              "properties": {
                "value": { "type": "string" },
                "size": { "type": "integer" },
                "tags": { "type": "object", "additionalProperties": { "type": "string" } },
                "items": { "type": "array", "items": { "type": "string" } },
                "part": { "$ref": "#/types/sample:index:Part" },
                "anything": { "$ref": "pulumi.json#/Any" },
                "password": { "type": "string", "secret": true },
                "arn": { "type": "string" }
              },
              "required": ["arn"]
            },
            "sample:net/subnet:Subnet": {
              "inputProperties": { "cidr": { "type": "string", "description": "Its addresses, such as 10.0.0.0/24. It can't change." }, "mtu": { "type": "integer", "default": 1500 } },
              "requiredInputs": ["cidr", "mtu"],
              "properties": { "cidr": { "type": "string" } }
            },
            "sample:index:Group": {
              "isComponent": true,
              "inputProperties": { "count": { "type": "integer" }, "password": { "type": "string", "secret": true } },
              "properties": { "arns": { "type": "array", "items": { "type": "string" } }, "password": { "type": "string", "secret": true } }
            }
          },
          "functions": {
            "sample:index:echo": {
              "inputs": { "type": "object", "properties": { "text": { "type": "string" } }, "required": ["text"] },
              "outputs": { "type": "object", "properties": { "echo": { "type": "string" }, "length": { "type": "integer" } } }
            },
            "sample:net/lookup:lookup": { "outputs": { "type": "object", "properties": { "found": { "type": "boolean" } } } }
          },
          "types": {
            "sample:index:Mode": { "type": "string", "enum": [{ "value": "fast" }, { "value": "careful" }] },
            "sample:index:Part": {
              "type": "object",
              "properties": { "name": { "type": "string" }, "weight": { "type": "integer" }, "inner": { "$ref": "#/types/sample:index:Part" } },
              "required": ["name"]
            }
          }
        }
        """;

    private static readonly string Blanket = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Programs", "schema.json"));

    public List<(string Package, string Version)> Asked { get; } = [];

    public Task<string> GetAsync(string package, string version, CancellationToken cancellationToken)
    {
        Asked.Add((package, version));
        return Task.FromResult(package switch
        {
            "sample" => Sample,
            "blanket" => Blanket,
            _ => throw new EngineException(EngineFailure.Plugin, $"there is no plugin 'pulumi-resource-{package}' on this machine; install it, or put its folder into PATH"),
        });
    }
}
