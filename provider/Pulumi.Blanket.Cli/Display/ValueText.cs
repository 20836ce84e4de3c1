using System.Globalization;
using System.Text;
using System.Text.Json;
using Pulumi.Blanket.Protocol.Values;

namespace Pulumi.Blanket.Cli.Display;

/// <summary>Values as people read them. Secrets are never shown, unless asked for.</summary>
internal static class ValueText
{
    private const int LongestText = 160;

    /// <summary>On one line.</summary>
    public static string Short(PropertyValue? value) => value switch
    {
        null => "",
        SecretValue => "[secret]",
        OutputValue { IsSecret: true } => "[secret]",
        OutputValue output => Short(output.Inner ?? UnknownValue.Text),
        UnknownValue => "[unknown]",
        NullValue => "null",
        BoolValue truth => truth.Truth ? "true" : "false",
        NumberValue number => number.Number.ToString(CultureInfo.InvariantCulture),
        StringValue text => Quoted(text.Text.Length > LongestText ? text.Text[..LongestText] + "…" : text.Text),
        ArrayValue array => $"[{string.Join(", ", array.Items.Select(Short))}]",
        ObjectValue properties => $"{{{string.Join(", ", properties.Properties.Select(property => $"{property.Key}: {Short(property.Value)}"))}}}",
        ResourceReferenceValue reference => reference.Urn,
        AssetValue => "[asset]",
        ArchiveValue => "[archive]",
        _ => "[bytes]",
    };

    /// <summary>On as many lines as it takes, each with that indent; the first stands behind a name.</summary>
    public static string Long(PropertyValue value, int indent)
    {
        StringBuilder text = new();
        Write(text, value, indent);
        return text.ToString();
    }

    private static void Write(StringBuilder text, PropertyValue value, int indent)
    {
        var margin = new string(' ', indent + 4);
        switch (value)
        {
            case ObjectValue { Properties.Count: > 0 } properties:
                var width = properties.Properties.Keys.Max(name => name.Length);
                text.Append('{');
                foreach (var (name, property) in properties.Properties)
                {
                    text.Append('\n').Append(margin).Append(name.PadRight(width)).Append(": ");
                    Write(text, property, indent + 4);
                }

                text.Append('\n').Append(margin.AsSpan(4)).Append('}');
                break;
            case ArrayValue { Items.Length: > 0 } array:
                text.Append('[');
                foreach (var item in array.Items)
                {
                    text.Append('\n').Append(margin);
                    Write(text, item, indent + 4);
                }

                text.Append('\n').Append(margin.AsSpan(4)).Append(']');
                break;
            default:
                text.Append(Short(value));
                break;
        }
    }

    private static string Quoted(string text) => $"\"{JsonEncodedText.Encode(text, System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping)}\"";
}
