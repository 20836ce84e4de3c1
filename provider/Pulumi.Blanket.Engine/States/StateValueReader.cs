using System.Collections.Immutable;
using System.Text.Json;
using Pulumi.Blanket.Protocol.Values;

namespace Pulumi.Blanket.Engine.States;

/// <summary>Reads property values as they stand in a state: JSON with the wire's signatures, and secrets sealed.</summary>
/// <param name="open">Opens a sealed text.</param>
/// <param name="opened">Told of each secret that was opened, with its sealed text.</param>
internal sealed class StateValueReader(Func<string, string> open, Action<SecretValue, string>? opened = null)
{
    // Inside a secret nothing is sealed once more.
    private static readonly StateValueReader Opened = new(text => text);

    public ObjectValue ReadObject(JsonElement json, string what)
    {
        if (json.ValueKind != JsonValueKind.Object)
        {
            throw Malformed($"{what} are no object");
        }

        return Fields(json);
    }

    public PropertyValue Read(JsonElement json) => json.ValueKind switch
    {
        JsonValueKind.True => new BoolValue(true),
        JsonValueKind.False => new BoolValue(false),
        JsonValueKind.Number => new NumberValue(json.GetDouble()),
        JsonValueKind.String => Text(json.GetString()!),
        JsonValueKind.Array => new ArrayValue([.. json.EnumerateArray().Select(Read)]),
        JsonValueKind.Object => ReadSigned(json),
        _ => NullValue.Instance,
    };

    // A state has one marker for all that is unknown; the others of the wire are texts there.
    private static PropertyValue Text(string text) => UnknownMarkers.Find(text) == UnknownKind.Text ? UnknownValue.Text : new StringValue(text);

    private ObjectValue Fields(JsonElement json)
    {
        var fields = ImmutableSortedDictionary.CreateBuilder<string, PropertyValue>(StringComparer.Ordinal);
        foreach (var field in json.EnumerateObject())
        {
            fields[field.Name] = Read(field.Value);
        }

        return new ObjectValue(fields.ToImmutable());
    }

    private PropertyValue ReadSigned(JsonElement json) => Field(json, Signatures.Key) switch
    {
        null => Fields(json),
        Signatures.Secret => ReadSecret(json),
        Signatures.Asset => ReadAsset(json),
        Signatures.Archive => new ArchiveValue(
            json.TryGetProperty("assets", out var assets) && assets.ValueKind == JsonValueKind.Object ? Fields(assets).Properties : null,
            Field(json, "path"), Field(json, "uri"), Field(json, "hash") ?? ""),
        Signatures.ResourceReference => new ResourceReferenceValue(
            Field(json, "urn") ?? throw Malformed("a resource reference has no urn"), ReadId(json), Field(json, "packageVersion") ?? ""),
        Signatures.ByteString => ReadBytes(json),
        Signatures.Output => ReadOutput(json),
        var other => throw Malformed($"a value has the unknown signature {other}; a newer Pulumi wrote it"),
    };

    private SecretValue ReadSecret(JsonElement json)
    {
        var sealedText = Field(json, "ciphertext");
        var plainText = Field(json, "plaintext");
        if (string.IsNullOrEmpty(sealedText) == string.IsNullOrEmpty(plainText))
        {
            throw Malformed("a secret has to have one of `ciphertext` and `plaintext`");
        }

        SecretValue secret;
        try
        {
            using var document = JsonDocument.Parse(plainText is { Length: > 0 } ? plainText : open(sealedText!), CheckpointFormat.Reading);
            secret = new SecretValue(Opened.Read(document.RootElement));
        }
        catch (JsonException)
        {
            // Without the fault: it may show a part of the text.
            throw Malformed("a secret's plain text is no JSON");
        }

        if (sealedText is { Length: > 0 })
        {
            opened?.Invoke(secret, sealedText);
        }

        return secret;
    }

    private static AssetValue ReadAsset(JsonElement json)
    {
        var (text, path, uri) = (Field(json, "text"), Field(json, "path"), Field(json, "uri"));

        // Pulumi leaves an empty text out.
        return new AssetValue(path is null && uri is null ? text ?? "" : text, path, uri, Field(json, "hash") ?? "");
    }

    // Empty is how Pulumi keeps an id that was not known.
    private static PropertyValue? ReadId(JsonElement json)
        => !json.TryGetProperty("id", out var id) || id.ValueKind == JsonValueKind.Null ? null
            : id.ValueKind == JsonValueKind.String && id.GetString() is { Length: > 0 } text ? Text(text)
            : UnknownValue.Text;

    private static ByteStringValue ReadBytes(JsonElement json)
    {
        try
        {
            return new ByteStringValue([.. Convert.FromBase64String(Field(json, "value") ?? throw Malformed("a byte string has no value"))]);
        }
        catch (FormatException)
        {
            throw Malformed("a byte string is not base64");
        }
    }

    private OutputValue ReadOutput(JsonElement json)
        => new(
            json.TryGetProperty("value", out var inner) ? Read(inner) : null,
            json.TryGetProperty("secret", out var secret) && secret.ValueKind == JsonValueKind.True,
            json.TryGetProperty("dependencies", out var urns) && urns.ValueKind == JsonValueKind.Array ? [.. urns.EnumerateArray().Select(urn => urn.GetString() ?? "")] : []);

    private static string? Field(JsonElement json, string name)
        => json.TryGetProperty(name, out var field) && field.ValueKind == JsonValueKind.String ? field.GetString() : null;

    private static EngineException Malformed(string what) => new(EngineFailure.InvalidState, what);
}
