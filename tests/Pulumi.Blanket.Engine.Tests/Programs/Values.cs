using Pulumi.Blanket.Protocol;
using Pulumi.Blanket.Protocol.Values;

namespace Pulumi.Blanket.Engine.Tests.Programs;

/// <summary>Short ways to write values.</summary>
internal static class Values
{
    public static ObjectValue Object(params (string Name, PropertyValue Value)[] properties)
        => new(properties.Select(property => KeyValuePair.Create(property.Name, property.Value)));

    public static ArrayValue List(params PropertyValue[] items) => new([.. items]);

    public static SecretValue Secret(PropertyValue value) => new(value);
}
