using System.Text;
using System.Text.Json.Nodes;
using Pulumi.Blanket.Engine.Plugins;
using Pulumi.Blanket.Engine.States;

namespace Pulumi.Blanket.Engine.Tests.Recordings;

/// <summary>Compares states and previews with recorded ones.</summary>
internal static class RecordedState
{
    // Deriving a key takes a while, on purpose.
    private static readonly PassphraseSource Passphrase = new(_ => "recorded");

    private static readonly PassphraseSecrets Secrets = PassphraseSecrets.Create(Passphrase);

    private static readonly CheckpointWriter Writer = new("organization/rec/dev", Secrets);

    /// <summary>The state as the next run finds it.</summary>
    public static Snapshot WrittenAndRead(Snapshot snapshot) => new CheckpointReader(Passphrase).Read(Writer.Write(snapshot), "dev.json").Snapshot;

    public static void AssertSame(JsonNode recorded, Snapshot snapshot, string what)
    {
        var written = JsonNode.Parse(Encoding.UTF8.GetString(Writer.Export(snapshot)))!["deployment"]!;
        recorded = recorded.DeepClone();
        KeepSecrets(OutputsOfStack(recorded), OutputsOfStack(written));
        Assert.True(Resources(recorded) == Resources(written), $"{what}: the state is\n{Resources(written)}\nand Pulumi's is\n{Resources(recorded)}");
        Assert.Equal(Placeholders.Normalize(recorded["pending_operations"]), Placeholders.Normalize(written["pending_operations"]));
        AssertOrdered(written, what);
    }

    public static void AssertSamePreview(JsonNode recorded, JsonNode written, string what)
    {
        // How long it took, and what the provider logged, is of that day.
        var (before, now) = (Preview(recorded), Preview(written));
        Assert.True(before == now, $"{what}: the preview is\n{now}\nand Pulumi's is\n{before}");
    }

    // Where resources don't depend on each other, any order will do.
    private static string Resources(JsonNode deployment)
        => string.Join("\n", (deployment["resources"]?.AsArray() ?? []).Select(Placeholders.Normalize).Order(StringComparer.Ordinal));

    // Pulumi's YAML host loses secrets inside a list or map that is an output of the stack: they stand there as {}. Here they stay secrets.
    private static void KeepSecrets(JsonNode? recorded, JsonNode? written)
    {
        foreach (var (name, value) in (recorded as JsonObject)?.ToList() ?? [])
        {
            if (value is JsonObject { Count: 0 } && written?[name]?["ciphertext"] is not null)
            {
                recorded![name] = written[name]!.DeepClone();
            }
            else
            {
                KeepSecrets(value, written?[name]);
            }
        }
    }

    private static JsonNode? OutputsOfStack(JsonNode deployment)
        => deployment["resources"]?.AsArray().FirstOrDefault(resource => (string)resource!["type"]! == "pulumi:pulumi:Stack")?["outputs"];

    private static string Preview(JsonNode preview)
        => string.Join("\n", preview["steps"]!.AsArray().Select(Placeholders.Normalize).Order(StringComparer.Ordinal).Append(Placeholders.Normalize(preview["changeSummary"])));

    // Pulumi refuses a state that is not in this order.
    private static void AssertOrdered(JsonNode deployment, string what)
    {
        HashSet<string> there = [];
        foreach (var resource in deployment["resources"]?.AsArray() ?? [])
        {
            foreach (var dependency in DependenciesOf(resource!))
            {
                Assert.True(there.Contains(dependency), $"{what}: {resource!["urn"]} stands before {dependency}, on which it depends");
            }

            there.Add((string)resource!["urn"]!);
            there.Add($"{resource["urn"]}::{resource["id"]}");
        }
    }

    private static IEnumerable<string> DependenciesOf(JsonNode resource)
        => (resource["dependencies"]?.AsArray() ?? [])
            .Concat((resource["propertyDependencies"]?.AsObject() ?? []).SelectMany(property => property.Value?.AsArray() ?? []))
            .Append(resource["parent"]).Append(resource["provider"]).Append(resource["deletedWith"])
            .Select(urn => (string?)urn).Where(urn => !string.IsNullOrEmpty(urn)).OfType<string>();
}
