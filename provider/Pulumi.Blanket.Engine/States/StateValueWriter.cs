using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Pulumi.Blanket.Protocol.Values;

namespace Pulumi.Blanket.Engine.States;

/// <summary>
/// Writes property values as they stand in a state. What Pulumi itself does not keep there is written as what it would make of it: an
/// output as its value, and whatever is not known as the one marker that a state has for it.
/// </summary>
/// <param name="json">Where to.</param>
/// <param name="writeSecret">Writes the fields of a secret beside its signature.</param>
internal readonly struct StateValueWriter(Utf8JsonWriter json, Action<Utf8JsonWriter, SecretValue> writeSecret)
{
    private const double LargestExact = 1L << 53;

    private static readonly string Unknown = UnknownMarkers.Of(UnknownKind.Text);

    /// <summary>What is sealed of a secret: the JSON of its value.</summary>
    public static string PlainText(SecretValue secret)
    {
        ArrayBufferWriter<byte> buffer = new();
        using (Utf8JsonWriter json = new(buffer, CheckpointFormat.Compact))
        {
            // Inside a secret nothing is sealed once more: an inner one holds its plain text where the sealed one would be.
            new StateValueWriter(json, static (json, inner) => json.WriteString("ciphertext", PlainText(inner))).Write(secret.Inner);
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    public void Write(PropertyValue value)
    {
        switch (value)
        {
            case NullValue:
                json.WriteNullValue();
                break;
            case BoolValue truth:
                json.WriteBooleanValue(truth.Truth);
                break;
            case NumberValue number:
                WriteNumber(number.Number);
                break;
            case StringValue text:
                json.WriteStringValue(text.Text);
                break;
            case UnknownValue or OutputValue { Inner: null }:
                json.WriteStringValue(Unknown);
                break;
            case OutputValue { IsSecret: true, Inner: not SecretValue and { } inner }:
                Write(new SecretValue(inner));
                break;
            case OutputValue output:
                Write(output.Inner!);
                break;
            case ArrayValue array:
                json.WriteStartArray();
                foreach (var item in array.Items)
                {
                    Write(item);
                }

                json.WriteEndArray();
                break;
            case ObjectValue properties:
                json.WriteStartObject();
                WriteFields(properties.Properties);
                json.WriteEndObject();
                break;
            case SecretValue secret:
                Begin(Signatures.Secret);
                writeSecret(json, secret);
                json.WriteEndObject();
                break;
            case AssetValue asset:
                Begin(Signatures.Asset);
                Optional("hash", asset.Hash is "" ? null : asset.Hash);
                Optional("text", asset.Text);
                Optional("path", asset.Path);
                Optional("uri", asset.Uri);
                json.WriteEndObject();
                break;
            case ArchiveValue archive:
                Begin(Signatures.Archive);
                Optional("hash", archive.Hash is "" ? null : archive.Hash);
                if (archive.Assets is not null)
                {
                    json.WriteStartObject("assets");
                    WriteFields(archive.Assets);
                    json.WriteEndObject();
                }

                Optional("path", archive.Path);
                Optional("uri", archive.Uri);
                json.WriteEndObject();
                break;
            case ResourceReferenceValue reference:
                Begin(Signatures.ResourceReference);
                json.WriteString("urn", reference.Urn);
                Optional("id", reference.Id?.Bare switch { null or NullValue => null, StringValue id => id.Text, _ => "" });
                json.WriteString("packageVersion", reference.PackageVersion);
                json.WriteEndObject();
                break;
            case ByteStringValue bytes:
                Begin(Signatures.ByteString);
                json.WriteBase64String("value", bytes.Bytes.AsSpan());
                json.WriteEndObject();
                break;
            default:
                throw new InvalidOperationException($"a property value of type {value.GetType()} has no form in a state");
        }
    }

    private void WriteFields(IEnumerable<KeyValuePair<string, PropertyValue>> fields)
    {
        foreach (var (name, value) in fields)
        {
            json.WritePropertyName(name);
            Write(value);
        }
    }

    // Whole numbers without an exponent; what JSON has no form for, as protocol buffers name it in theirs.
    private void WriteNumber(double number)
    {
        if (Math.Abs(number) < LargestExact && Math.Truncate(number) == number && !(number == 0 && double.IsNegative(number)))
        {
            json.WriteNumberValue((long)number);
        }
        else if (double.IsFinite(number))
        {
            json.WriteNumberValue(number);
        }
        else
        {
            json.WriteStringValue(number.ToString(CultureInfo.InvariantCulture));
        }
    }

    private void Begin(string signature)
    {
        json.WriteStartObject();
        json.WriteString(Signatures.Key, signature);
    }

    private void Optional(string name, string? text)
    {
        if (text is not null)
        {
            json.WriteString(name, text);
        }
    }
}
