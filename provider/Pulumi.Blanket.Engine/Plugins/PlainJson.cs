using System.Text.Json;
using Pulumi.Blanket.Protocol;

namespace Pulumi.Blanket.Engine;

/// <summary>Writes a value as the JSON that it looks like, secrets opened.</summary>
internal static class PlainJson
{
    public static void Write(Utf8JsonWriter json, PropertyValue value)
    {
        switch (value.Bare)
        {
            case BoolValue truth:
                json.WriteBooleanValue(truth.Truth);
                break;
            case NumberValue { Number: var number } when Math.Abs(number) < 1L << 53 && number == Math.Truncate(number):
                json.WriteNumberValue((long)number);
                break;
            case NumberValue number:
                json.WriteNumberValue(number.Number);
                break;
            case StringValue text:
                json.WriteStringValue(text.Text);
                break;
            case ArrayValue array:
                json.WriteStartArray();
                foreach (var item in array.Items)
                {
                    Write(json, item);
                }

                json.WriteEndArray();
                break;
            case ObjectValue properties:
                json.WriteStartObject();
                foreach (var (name, property) in properties.Properties)
                {
                    json.WritePropertyName(name);
                    Write(json, property);
                }

                json.WriteEndObject();
                break;
            case NullValue:
                json.WriteNullValue();
                break;
            default:
                PropertyCodecJson.Write(json, value.Bare);
                break;
        }
    }
}
