using System.Collections.Immutable;
using System.Text.Json;
using Pulumi.Blanket.Protocol.Values;

namespace Pulumi.Blanket.Engine.States;

/// <summary>Reads a stack's state: a checkpoint from disk, or what <c>stack export</c> wrote.</summary>
/// <param name="passphrase">Opens the secrets; asked only if there is one.</param>
public sealed class CheckpointReader(PassphraseSource passphrase)
{
    private static readonly HashSet<string> DeploymentFields = ["manifest", "secrets_providers", "resources", "pending_operations"];

    /// <summary>Reads a state.</summary>
    /// <param name="utf8">JSON; with <c>checkpoint</c> or <c>deployment</c> beside its <c>version</c>.</param>
    /// <param name="source">The file, for messages.</param>
    /// <exception cref="EngineException">It is malformed, of a version or with features that are not known, or its secrets can't be opened.</exception>
    public Checkpoint Read(ReadOnlyMemory<byte> utf8, string source)
    {
        try
        {
            using var document = JsonDocument.Parse(utf8, CheckpointFormat.Reading);
            return Read(document.RootElement);
        }
        catch (JsonException fault)
        {
            // The parser's own words may show a part of the file.
            throw new EngineException(EngineFailure.InvalidState, $"the state {source} is no JSON (line {fault.LineNumber + 1}, byte {fault.BytePositionInLine + 1}); its last version before that is beside it (.bak), and older ones are in the backups' folder");
        }
        catch (Exception fault) when (fault is InvalidOperationException or FormatException)
        {
            throw new EngineException(EngineFailure.InvalidState, $"the state {source} is malformed: a field is not of the kind that it has to be", fault);
        }
        catch (EngineException fault)
        {
            throw new EngineException(fault.Reason, $"the state {source} can't be used: {fault.Message}", fault);
        }
    }

    private Checkpoint Read(JsonElement root)
    {
        if (root.ValueKind != JsonValueKind.Object)
        {
            throw Malformed("it is no JSON object");
        }

        CheckVersion(root);
        if (root.TryGetProperty("deployment", out var deployment))
        {
            return ReadDeployment("", deployment);
        }

        if (!root.TryGetProperty("checkpoint", out var checkpoint) || checkpoint.ValueKind != JsonValueKind.Object)
        {
            throw Malformed("it has neither `checkpoint` nor `deployment`");
        }

        var stack = Text(checkpoint, "stack");
        return checkpoint.TryGetProperty("latest", out var latest) && latest.ValueKind != JsonValueKind.Null
            ? ReadDeployment(stack, latest)
            : new Checkpoint(stack, Snapshot.Empty, null, null);
    }

    private static void CheckVersion(JsonElement root)
    {
        var version = root.TryGetProperty("version", out var number) && number.TryGetInt32(out var value) ? value : 0;
        if (version > CheckpointFormat.FeatureVersion)
        {
            throw Malformed($"it has version {version}, and {CheckpointFormat.FeatureVersion} is the newest that is known here; use a newer blanket, or the Pulumi that wrote it");
        }

        if (version < CheckpointFormat.OldestVersion)
        {
            throw Malformed($"it has version {version}, older than {CheckpointFormat.OldestVersion}; run `pulumi stack export` and `pulumi stack import` with a current Pulumi, which writes it anew");
        }

        if (version >= CheckpointFormat.FeatureVersion && root.TryGetProperty("features", out var features) && features.ValueKind == JsonValueKind.Array)
        {
            var unknown = features.EnumerateArray().Select(feature => feature.GetString() ?? "").Where(feature => !CheckpointFormat.Features.Contains(feature)).ToArray();
            if (unknown.Length > 0)
            {
                throw Malformed($"it uses features that are not known here: {string.Join(", ", unknown)}; use a newer blanket, or the Pulumi that wrote it");
            }
        }
    }

    private Checkpoint ReadDeployment(string stack, JsonElement json)
    {
        var secrets = ReadSecrets(json);
        SealedTexts texts = new();
        StateValueReader values = new(
            secrets is not null ? secrets.Decrypt : _ => throw new EngineException(EngineFailure.Secrets, "it has sealed secrets, and does not say of which provider (`secrets_providers`)"),
            texts.Remember);
        Snapshot snapshot = new()
        {
            Resources = [.. Items(json, "resources").Select(resource => ReadResource(resource, values))],
            PendingOperations = [.. Items(json, "pending_operations").Select(operation => new PendingOperation(
                operation.TryGetProperty("resource", out var resource) ? ReadResource(resource, values) : throw Malformed("a pending operation has no resource"), Text(operation, "type")))],
            Others = OtherFields(json, DeploymentFields.Contains),
        };
        var written = json.TryGetProperty("manifest", out var manifest) && manifest.ValueKind == JsonValueKind.Object ? Time(manifest, "time") : null;
        return new Checkpoint(stack, snapshot, written, secrets) { Sealed = texts };
    }

    private PassphraseSecrets? ReadSecrets(JsonElement json)
    {
        if (!json.TryGetProperty("secrets_providers", out var provider) || provider.ValueKind != JsonValueKind.Object || Text(provider, "type") is not { Length: > 0 } type)
        {
            return null;
        }

        if (type != PassphraseSecrets.ProviderType)
        {
            throw SecretsProviders.Refuse(type);
        }

        return PassphraseSecrets.Open(provider.TryGetProperty("state", out var state) && state.ValueKind == JsonValueKind.Object ? Text(state, "salt") : "", passphrase);
    }

    private static ResourceState ReadResource(JsonElement json, StateValueReader values)
    {
        if (json.ValueKind != JsonValueKind.Object || Text(json, "urn") is not { Length: > 0 } urn)
        {
            throw Malformed("a resource has no urn");
        }

        if (Text(json, "type") is not { Length: > 0 } type)
        {
            throw Malformed($"the resource {urn} has no type");
        }

        try
        {
            return new ResourceState
            {
                Urn = urn,
                Type = type,
                Custom = Truth(json, "custom"),
                Delete = Truth(json, "delete"),
                Id = Text(json, "id"),
                Inputs = Properties(json, "inputs", values),
                Outputs = Properties(json, "outputs", values),
                Parent = Text(json, "parent"),
                Protect = Truth(json, "protect"),
                Taint = Truth(json, "taint"),
                External = Truth(json, "external"),
                Dependencies = Texts(json, "dependencies"),
                InitErrors = Texts(json, "initErrors"),
                Provider = Text(json, "provider"),
                PropertyDependencies = PropertyDependencies(json),
                PendingReplacement = Truth(json, "pendingReplacement"),
                AdditionalSecretOutputs = Texts(json, "additionalSecretOutputs"),
                Aliases = Texts(json, "aliases"),
                CustomTimeouts = Timeouts(json),
                ImportId = Text(json, "importID"),
                RetainOnDelete = Truth(json, "retainOnDelete"),
                DeletedWith = Text(json, "deletedWith"),
                ReplaceWith = Texts(json, "replaceWith"),
                Created = Time(json, "created"),
                Modified = Time(json, "modified"),
                IgnoreChanges = Texts(json, "ignoreChanges"),
                ReplaceOnChanges = Texts(json, "replaceOnChanges"),
                RefreshBeforeUpdate = Truth(json, "refreshBeforeUpdate"),
                ViewOf = Text(json, "viewOf"),
                Others = OtherFields(json, name => ResourceFields.Known.Contains(name)),
            };
        }
        catch (EngineException fault) when (fault.Reason != EngineFailure.Secrets)
        {
            throw new EngineException(fault.Reason, $"the resource {urn}: {fault.Message}", fault);
        }
    }

    private static ObjectValue Properties(JsonElement json, string name, StateValueReader values)
        => json.TryGetProperty(name, out var field) && field.ValueKind != JsonValueKind.Null ? values.ReadObject(field, name) : ObjectValue.Empty;

    private static ImmutableSortedDictionary<string, ImmutableArray<string>>? PropertyDependencies(JsonElement json)
        => json.TryGetProperty("propertyDependencies", out var field) && field.ValueKind == JsonValueKind.Object
            ? field.EnumerateObject().ToImmutableSortedDictionary(
                property => property.Name, property => property.Value.ValueKind == JsonValueKind.Array ? Texts(property.Value) : [], StringComparer.Ordinal)
            : null;

    private static CustomTimeouts Timeouts(JsonElement json)
        => json.TryGetProperty("customTimeouts", out var field) && field.ValueKind == JsonValueKind.Object
            ? new CustomTimeouts(Seconds(field, "create"), Seconds(field, "update"), Seconds(field, "delete"), Seconds(field, "read"))
            : CustomTimeouts.None;

    private static double Seconds(JsonElement json, string name) => json.TryGetProperty(name, out var field) && field.ValueKind == JsonValueKind.Number ? field.GetDouble() : 0;

    private static bool Truth(JsonElement json, string name) => json.TryGetProperty(name, out var field) && field.ValueKind == JsonValueKind.True;

    private static string Text(JsonElement json, string name)
        => json.TryGetProperty(name, out var field) && field.ValueKind != JsonValueKind.Null ? field.GetString()! : "";

    private static DateTimeOffset? Time(JsonElement json, string name)
        => json.TryGetProperty(name, out var field) && field.ValueKind == JsonValueKind.String ? field.GetDateTimeOffset().ToUniversalTime() : null;

    private static ImmutableArray<string> Texts(JsonElement json, string name) => json.TryGetProperty(name, out var field) && field.ValueKind == JsonValueKind.Array ? Texts(field) : [];

    private static ImmutableArray<string> Texts(JsonElement array) => [.. array.EnumerateArray().Select(item => item.GetString() ?? "")];

    private static JsonElement.ArrayEnumerator Items(JsonElement json, string name)
        => json.TryGetProperty(name, out var field) && field.ValueKind == JsonValueKind.Array ? field.EnumerateArray() : default;

    // Clones, since the document goes away.
    private static ImmutableSortedDictionary<string, JsonElement> OtherFields(JsonElement json, Func<string, bool> isKnown)
    {
        var others = ImmutableSortedDictionary<string, JsonElement>.Empty;
        foreach (var field in json.EnumerateObject())
        {
            if (!isKnown(field.Name))
            {
                others = others.SetItem(field.Name, field.Value.Clone());
            }
        }

        return others;
    }

    private static EngineException Malformed(string what) => new(EngineFailure.InvalidState, what);
}
