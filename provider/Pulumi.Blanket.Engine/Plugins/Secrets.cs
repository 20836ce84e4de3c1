using Pulumi.Blanket.Protocol.Values;

namespace Pulumi.Blanket.Engine.Plugins;

/// <summary>What becomes of secrets on their way between program, provider and state.</summary>
internal static class Secrets
{
    /// <summary>The value with all secrets in it opened, for receivers that know no secrets.</summary>
    public static PropertyValue Open(PropertyValue value) => value switch
    {
        SecretValue secret => Open(secret.Inner),
        ArrayValue array when value.ContainsSecret => new ArrayValue([.. array.Items.Select(Open)]),
        ObjectValue properties when value.ContainsSecret => Open(properties),
        _ => value,
    };

    public static ObjectValue Open(ObjectValue value)
        => new(value.Properties.Select(property => KeyValuePair.Create(property.Key, Open(property.Value))));

    /// <summary>The object with those of its properties made secret.</summary>
    public static ObjectValue Close(ObjectValue value, IEnumerable<string> names)
    {
        foreach (var name in names)
        {
            if (value[name] is { } property and not SecretValue && property is not UnknownValue)
            {
                value = value.With(name, new SecretValue(property));
            }
        }

        return value;
    }

    /// <summary>Outputs of a provider that knows no secrets: what was a secret input is a secret output.</summary>
    public static ObjectValue CloseAs(ObjectValue outputs, ObjectValue inputs)
        => Close(outputs, inputs.Properties.Where(input => input.Value.ContainsSecret).Select(input => input.Key));
}
