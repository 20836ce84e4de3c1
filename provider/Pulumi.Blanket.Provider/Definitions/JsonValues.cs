using System.Text.Json;
using Pulumi.Blanket.Protocol.Values;
using WireStruct = Google.Protobuf.WellKnownTypes.Struct;
using WireValue = Google.Protobuf.WellKnownTypes.Value;

namespace Pulumi.Blanket.Provider.Definitions;

/// <summary>Property values as JSON, on their way to and from records.</summary>
internal static class JsonValues
{
    /// <summary>
    /// Writes an object's bare values. What is unknown is left out, and so is a list with an item that is: a record shows it as missing.
    /// </summary>
    public static void Write(Utf8JsonWriter writer, ObjectValue value)
    {
        writer.WriteStartObject();
        foreach (var (name, property) in value.Properties)
        {
            if (IsKnown(property.Bare))
            {
                writer.WritePropertyName(name);
                Write(writer, property.Bare);
            }
        }

        writer.WriteEndObject();
    }

    public static PropertyValue Read(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.True => new BoolValue(true),
        JsonValueKind.False => new BoolValue(false),
        JsonValueKind.Number => new NumberValue(element.GetDouble()),
        JsonValueKind.String => new StringValue(element.GetString()!),
        JsonValueKind.Array => new ArrayValue([.. element.EnumerateArray().Select(Read)]),
        JsonValueKind.Object => ReadObject(element),
        _ => NullValue.Instance,
    };

    public static ObjectValue ReadObject(JsonElement element)
        => new(element.EnumerateObject().Where(property => property.Value.ValueKind != JsonValueKind.Null).Select(property => KeyValuePair.Create(property.Name, Read(property.Value))));

    /// <summary>Reads a text that holds a value as JSON, as provider configuration comes; Pulumi's signatures inside are understood.</summary>
    /// <returns>Null for a text that is no JSON.</returns>
    public static PropertyValue? Parse(string text)
    {
        try
        {
            using var document = JsonDocument.Parse(text);
            return PropertyCodec.Decode(ToWire(document.RootElement));
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static void Write(Utf8JsonWriter writer, PropertyValue value)
    {
        switch (value)
        {
            case BoolValue { Truth: var truth }:
                writer.WriteBooleanValue(truth);
                break;
            case NumberValue { Number: var number } when double.IsInteger(number) && Math.Abs(number) <= 1L << 53:
                writer.WriteNumberValue((long)number);
                break;
            case NumberValue { Number: var number } when double.IsFinite(number):
                writer.WriteNumberValue(number);
                break;
            case StringValue { Text: var text }:
                writer.WriteStringValue(text);
                break;
            case ArrayValue { Items: var items }:
                writer.WriteStartArray();
                foreach (var item in items)
                {
                    Write(writer, item.Bare);
                }

                writer.WriteEndArray();
                break;
            case ObjectValue properties:
                Write(writer, properties);
                break;
            default:
                writer.WriteNullValue();
                break;
        }
    }

    private static bool IsKnown(PropertyValue bare) => bare is not UnknownValue && !(bare is ArrayValue { Items: var items } && items.Any(item => !IsKnown(item.Bare)));

    private static WireValue ToWire(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.True => WireValue.ForBool(true),
        JsonValueKind.False => WireValue.ForBool(false),
        JsonValueKind.Number => WireValue.ForNumber(element.GetDouble()),
        JsonValueKind.String => WireValue.ForString(element.GetString()),
        JsonValueKind.Array => WireValue.ForList([.. element.EnumerateArray().Select(ToWire)]),
        JsonValueKind.Object => WireValue.ForStruct(ToStruct(element)),
        _ => WireValue.ForNull(),
    };

    private static WireStruct ToStruct(JsonElement element)
    {
        WireStruct wire = new();
        foreach (var property in element.EnumerateObject())
        {
            wire.Fields[property.Name] = ToWire(property.Value);
        }

        return wire;
    }
}
