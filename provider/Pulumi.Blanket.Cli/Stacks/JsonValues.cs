using System.Text.Json;
using Pulumi.Blanket.Protocol.Values;

namespace Pulumi.Blanket.Cli.Stacks;

/// <summary>Values as plain JSON; secrets are <c>[secret]</c>.</summary>
internal static class JsonValues
{
    public static void Write(Utf8JsonWriter json, PropertyValue value)
    {
        switch (value)
        {
            case ObjectValue properties:
                json.WriteStartObject();
                foreach (var (name, property) in properties.Properties)
                {
                    json.WritePropertyName(name);
                    Write(json, property);
                }

                json.WriteEndObject();
                break;
            case ArrayValue array:
                json.WriteStartArray();
                foreach (var item in array.Items)
                {
                    Write(json, item);
                }

                json.WriteEndArray();
                break;
            case BoolValue truth:
                json.WriteBooleanValue(truth.Truth);
                break;
            case NumberValue number:
                json.WriteNumberValue((decimal)number.Number);
                break;
            case StringValue text:
                json.WriteStringValue(text.Text);
                break;
            case NullValue:
                json.WriteNullValue();
                break;
            case SecretValue:
                json.WriteStringValue("[secret]");
                break;
            case ResourceReferenceValue reference:
                json.WriteStringValue(reference.Urn);
                break;
            default:
                json.WriteNullValue();
                break;
        }
    }
}
