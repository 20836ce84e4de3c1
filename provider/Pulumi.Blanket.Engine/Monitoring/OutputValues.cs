using Pulumi.Blanket.Protocol.Values;

namespace Pulumi.Blanket.Engine.Monitoring;

/// <summary>Takes the wrapping off values that come with what they depend on.</summary>
internal static class OutputValues
{
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
