using System.Globalization;
using System.Text;
using Pulumi.Blanket.Protocol.Values;

namespace Pulumi.Blanket.Engine.Programs.Running;

/// <summary>
/// Values as JSON, to the byte as Go's <c>encoding/json</c> writes them: what <c>fn::toJSON</c> gave before must not differ when it comes
/// from here.
/// </summary>
internal static class JsonText
{
    /// <summary>Null where something inside has no JSON form, such as an asset.</summary>
    public static string? Of(PropertyValue value)
    {
        StringBuilder json = new();
        return Write(json, value) ? json.ToString() : null;
    }

    private static bool Write(StringBuilder json, PropertyValue value)
    {
        switch (value)
        {
            case NullValue:
                json.Append("null");
                return true;
            case BoolValue truth:
                json.Append(truth.Truth ? "true" : "false");
                return true;
            case NumberValue number:
                json.Append(NumberText.Of(number.Number));
                return true;
            case StringValue text:
                WriteText(json, text.Text);
                return true;
            case ArrayValue array:
                json.Append('[');
                for (var index = 0; index < array.Items.Length; index++)
                {
                    json.Append(index > 0 ? "," : "");
                    if (!Write(json, array.Items[index]))
                    {
                        return false;
                    }
                }

                json.Append(']');
                return true;
            case ObjectValue properties:
                json.Append('{');
                var isFirst = true;
                foreach (var (name, property) in properties.Properties)
                {
                    json.Append(isFirst ? "" : ",");
                    isFirst = false;
                    WriteText(json, name);
                    json.Append(':');
                    if (!Write(json, property))
                    {
                        return false;
                    }
                }

                json.Append('}');
                return true;
            default:
                return false;
        }
    }

    private static void WriteText(StringBuilder json, string text)
    {
        json.Append('"');
        foreach (var character in text)
        {
            _ = character switch
            {
                '"' => json.Append("\\\""),
                '\\' => json.Append("\\\\"),
                '\n' => json.Append("\\n"),
                '\r' => json.Append("\\r"),
                '\t' => json.Append("\\t"),
                '\b' => json.Append("\\b"),
                '\f' => json.Append("\\f"),
                < ' ' or '<' or '>' or '&' or '\u2028' or '\u2029' => json.Append("\\u").Append(((int)character).ToString("x4", CultureInfo.InvariantCulture)),
                _ => json.Append(character),
            };
        }

        json.Append('"');
    }
}
