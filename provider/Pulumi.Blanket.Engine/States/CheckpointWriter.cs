using System.Buffers;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Pulumi.Blanket.Protocol.Values;

namespace Pulumi.Blanket.Engine.States;

/// <summary>
/// Writes one stack's state, again and again while it changes: what was written of a resource that is still the same is kept, so that
/// a write is little more than putting pieces together. Safe to use from many threads, one at a time.
/// </summary>
public sealed class CheckpointWriter
{
    private readonly string _stack;
    private readonly PassphraseSecrets? _secrets;
    private readonly TimeProvider _time;
    private readonly SealedTexts _texts;
    private readonly ConditionalWeakTable<ResourceState, byte[]> _written = [];
    private readonly Lock _lock = new();

    /// <param name="stack"><c>organization/project/stack</c>.</param>
    /// <param name="secrets">Seals the secrets; null refuses to write one.</param>
    /// <param name="loaded">The state as it was; a secret of it that is still the same stays sealed as it was.</param>
    public CheckpointWriter(string stack, PassphraseSecrets? secrets, Checkpoint? loaded = null, TimeProvider? time = null)
    {
        _stack = stack;
        _secrets = secrets;
        _time = time ?? TimeProvider.System;

        // Another salt is another key.
        _texts = loaded?.Secrets is { } was && was.Salt == secrets?.Salt ? loaded.Sealed : new SealedTexts();
    }

    /// <summary>The state as it stands on disk.</summary>
    /// <exception cref="EngineException">There is a secret, and nothing to seal it with.</exception>
    public byte[] Write(Snapshot snapshot)
    {
        ArrayBufferWriter<byte> buffer = new(64 * 1024);
        using Utf8JsonWriter json = new(buffer, CheckpointFormat.Compact);
        lock (_lock)
        {
            WriteVersion(json, snapshot);
            json.WriteStartObject("checkpoint");
            json.WriteString("stack", _stack);
            json.WritePropertyName("latest");
            WriteDeployment(json, snapshot, Pieces);
            json.WriteEndObject();
            json.WriteEndObject();
            json.Flush();
        }

        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>The state as <c>stack export</c> shows it.</summary>
    /// <param name="showSecrets">With secrets in the clear.</param>
    /// <exception cref="EngineException">There is a secret, and nothing to seal it with.</exception>
    public byte[] Export(Snapshot snapshot, bool showSecrets = false)
    {
        ArrayBufferWriter<byte> buffer = new(64 * 1024);
        using Utf8JsonWriter json = new(buffer, CheckpointFormat.Indented);
        lock (_lock)
        {
            WriteVersion(json, snapshot);
            json.WritePropertyName("deployment");
            WriteDeployment(json, snapshot, (json, resource) => ResourceFields.Write(json, resource, new StateValueWriter(json, showSecrets ? WritePlain : WriteSealed)));
            json.WriteEndObject();
            json.Flush();
        }

        return [.. buffer.WrittenSpan, (byte)'\n'];
    }

    private static void WritePlain(Utf8JsonWriter json, SecretValue secret) => json.WriteString("plaintext", StateValueWriter.PlainText(secret));

    private static void WriteVersion(Utf8JsonWriter json, Snapshot snapshot)
    {
        var features = CheckpointFormat.Features.Where(feature => snapshot.Resources.Any(resource => Uses(resource, feature))).Order(StringComparer.Ordinal).ToArray();
        json.WriteStartObject();
        json.WriteNumber("version", features.Length > 0 ? CheckpointFormat.FeatureVersion : CheckpointFormat.OldestVersion);
        if (features.Length > 0)
        {
            json.WriteStartArray("features");
            foreach (var feature in features)
            {
                json.WriteStringValue(feature);
            }

            json.WriteEndArray();
        }
    }

    private static bool Uses(ResourceState resource, string feature) => feature switch
    {
        CheckpointFormat.RefreshBeforeUpdateFeature => resource.RefreshBeforeUpdate,
        CheckpointFormat.ViewsFeature => resource.ViewOf.Length > 0,
        CheckpointFormat.TaintFeature => resource.Taint,
        _ => resource.Others.TryGetValue("resourceHooks", out var hooks) && hooks.ValueKind == JsonValueKind.Object && hooks.EnumerateObject().Any(),
    };

    private void WriteDeployment(Utf8JsonWriter json, Snapshot snapshot, Action<Utf8JsonWriter, ResourceState> writeResource)
    {
        json.WriteStartObject();
        json.WriteStartObject("manifest");
        json.WriteString("time", CheckpointFormat.Time(_time.GetUtcNow()));
        json.WriteString("magic", CheckpointFormat.Magic);
        json.WriteString("version", CheckpointFormat.EngineVersion);
        json.WriteEndObject();
        if (_secrets is not null)
        {
            json.WriteStartObject("secrets_providers");
            json.WriteString("type", PassphraseSecrets.ProviderType);
            json.WriteStartObject("state");
            json.WriteString("salt", _secrets.Salt);
            json.WriteEndObject();
            json.WriteEndObject();
        }

        if (!snapshot.Resources.IsEmpty)
        {
            json.WriteStartArray("resources");
            foreach (var resource in snapshot.Resources)
            {
                writeResource(json, resource);
            }

            json.WriteEndArray();
        }

        if (!snapshot.PendingOperations.IsEmpty)
        {
            json.WriteStartArray("pending_operations");
            foreach (var operation in snapshot.PendingOperations)
            {
                json.WriteStartObject();
                json.WritePropertyName("resource");
                writeResource(json, operation.Resource);
                json.WriteString("type", operation.Type);
                json.WriteEndObject();
            }

            json.WriteEndArray();
        }

        foreach (var (name, field) in snapshot.Others)
        {
            json.WritePropertyName(name);
            field.WriteTo(json);
        }

        if (!snapshot.Others.ContainsKey("metadata"))
        {
            json.WriteStartObject("metadata");
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    private void Pieces(Utf8JsonWriter json, ResourceState resource)
    {
        if (!_written.TryGetValue(resource, out var piece))
        {
            ArrayBufferWriter<byte> buffer = new();
            using (Utf8JsonWriter own = new(buffer, CheckpointFormat.Compact))
            {
                ResourceFields.Write(own, resource, new StateValueWriter(own, WriteSealed));
            }

            piece = buffer.WrittenSpan.ToArray();
            _written.AddOrUpdate(resource, piece);
        }

        json.WriteRawValue(piece, skipInputValidation: true);
    }

    private void WriteSealed(Utf8JsonWriter json, SecretValue secret)
        => json.WriteString("ciphertext", _texts.Of(secret, text => _secrets is not null
            ? _secrets.Encrypt(text)
            : throw new EngineException(EngineFailure.Secrets, "a resource has a secret, and the stack has nothing to seal it with; set its passphrase")));
}
