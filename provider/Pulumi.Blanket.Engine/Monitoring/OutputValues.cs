using System.Collections.Immutable;
using Pulumi.Blanket.Protocol.Values;

namespace Pulumi.Blanket.Engine.Monitoring;

/// <summary>Values that come with what they depend on, as components get and give them.</summary>
internal static class OutputValues
{
    /// <summary>The inputs, each with what it depends on.</summary>
    public static ObjectValue Close(ObjectValue inputs, ImmutableSortedDictionary<string, ImmutableArray<string>> dependencies)
        => new(inputs.Properties.Select(property => KeyValuePair.Create(
            property.Key,
            dependencies.GetValueOrDefault(property.Key, []) is { IsEmpty: false } urns ? Close(property.Value, urns) : property.Value)));

    private static OutputValue Close(PropertyValue value, ImmutableArray<string> urns)
        => new(value.Bare is UnknownValue ? null : value.Bare, value is SecretValue, urns);

    /// <summary>The value as secrets and unknowns.</summary>
    /// <param name="urns">Takes what it depends on.</param>
    public static PropertyValue Open(PropertyValue value, ISet<string> urns)
    {
        switch (value)
        {
            case OutputValue output:
                urns.UnionWith(output.Dependencies);
                var inner = output.Inner is null ? UnknownValue.Text : Open(output.Inner, urns);
                return output.IsSecret && inner is not UnknownValue ? new SecretValue(inner) : inner;
            case SecretValue secret:
                return new SecretValue(Open(secret.Inner, urns));
            case ArrayValue array:
                return new ArrayValue([.. array.Items.Select(item => Open(item, urns))]);
            case ObjectValue properties:
                return new ObjectValue(properties.Properties.Select(property => KeyValuePair.Create(property.Key, Open(property.Value, urns))));
            default:
                return value;
        }
    }
}
