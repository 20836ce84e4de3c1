using System.Globalization;
using System.Text;
using Pulumi.Blanket.Engine;
using Pulumi.Blanket.Engine.States;
using Pulumi.Blanket.Protocol.Values;

namespace Pulumi.Blanket.Cli.Stacks;

/// <summary>Resources as a part of a YAML program.</summary>
internal static class ProgramText
{
    public static string Of(IEnumerable<ResourceState> resources)
    {
        StringBuilder text = new("resources:\n");
        foreach (var resource in resources)
        {
            text.Append($"  {Key(Urn.NameOf(resource.Urn))}:\n    type: {resource.Type.Replace(":index:", ":", StringComparison.Ordinal)}\n");
            if (resource.Inputs.Properties.Count > 0)
            {
                text.Append("    properties:\n");
                Write(text, resource.Inputs, 6);
            }

            if (resource.Protect)
            {
                text.Append("    options:\n      protect: true\n");
            }
        }

        return text.ToString();
    }

    private static void Write(StringBuilder text, ObjectValue properties, int indent)
    {
        foreach (var (name, value) in properties.Properties)
        {
            text.Append(' ', indent).Append(Key(name)).Append(':');
            WriteValue(text, value, indent, name);
        }
    }

    private static void WriteValue(StringBuilder text, PropertyValue value, int indent, string name)
    {
        switch (value)
        {
            // A secret belongs into the stack's settings, not into a program.
            case SecretValue:
                text.Append($" ${{{name}}} # blanket config set --secret {name}, and `{name}: {{type: string, secret: true}}` below config\n");
                break;
            case ObjectValue { Properties.Count: > 0 } properties:
                text.Append('\n');
                Write(text, properties, indent + 2);
                break;
            case ArrayValue { Items.Length: > 0 } array:
                text.Append('\n');
                foreach (var item in array.Items)
                {
                    text.Append(' ', indent + 2).Append('-');
                    WriteItem(text, item, indent + 2, name);
                }

                break;
            default:
                text.Append(' ').Append(Scalar(value)).Append('\n');
                break;
        }
    }

    private static void WriteItem(StringBuilder text, PropertyValue item, int indent, string name)
    {
        if (item is ObjectValue { Properties.Count: > 0 } properties)
        {
            // The first property stands behind the dash.
            StringBuilder lines = new();
            Write(lines, properties, indent + 2);
            text.Append(' ').Append(lines.ToString().TrimStart(' '));
        }
        else
        {
            WriteValue(text, item, indent, name);
        }
    }

    private static string Scalar(PropertyValue value) => value switch
    {
        BoolValue truth => truth.Truth ? "true" : "false",
        NumberValue number => number.Number.ToString("R", CultureInfo.InvariantCulture),
        StringValue text => Text(text.Text),
        ObjectValue => "{}",
        ArrayValue => "[]",
        _ => "null",
    };

    private static string Key(string name) => Text(name);

    // Plain where nobody could take it for anything else; `${` would be a reference.
    private static string Text(string text)
        => text.Length > 0 && char.IsAsciiLetter(text[0]) && text.All(character => char.IsAsciiLetterOrDigit(character) || character is '_' or '-' or '.' or '/')
            && text is not ("true" or "false" or "null" or "yes" or "no" or "on" or "off")
            ? text
            : $"\"{text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal).Replace("${", "$${", StringComparison.Ordinal)}\"";
}
