using Pulumi.Blanket.Protocol.Values;

namespace Pulumi.Blanket.Engine.Programs.Running;

/// <summary>Values as programs have them.</summary>
internal static class PlainValue
{
    /// <summary>Output values as unknown, secret and plain ones: programs keep dependencies beside their values.</summary>
    public static PropertyValue WithoutOutputs(PropertyValue value) => value switch
    {
        OutputValue { Inner: null } => UnknownValue.Text,
        OutputValue { Inner: { } inner, IsSecret: var isSecret } => isSecret ? Secret(WithoutOutputs(inner)) : WithoutOutputs(inner),
        SecretValue secret => Secret(WithoutOutputs(secret.Inner)),
        ArrayValue array => new ArrayValue([.. array.Items.Select(WithoutOutputs)]),
        ObjectValue properties => WithoutOutputs(properties),
        _ => value,
    };

    public static ObjectValue WithoutOutputs(ObjectValue value)
        => new(value.Properties.Select(property => KeyValuePair.Create(property.Key, WithoutOutputs(property.Value))));

    /// <summary>Secret, unless it is so already, or not known: what is unknown has nothing to hide.</summary>
    public static PropertyValue Secret(PropertyValue value) => value is SecretValue or UnknownValue ? value : new SecretValue(value);
}
