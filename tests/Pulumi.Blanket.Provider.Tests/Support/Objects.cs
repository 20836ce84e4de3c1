using Pulumi.Blanket.Protocol;
using Pulumi.Blanket.Protocol.Values;

namespace Pulumi.Blanket.Provider.Tests.Support;

/// <summary>Short forms of property values.</summary>
internal static class Objects
{
    public static ObjectValue Of(params ReadOnlySpan<(string Name, PropertyValue Value)> properties)
    {
        var result = ObjectValue.Empty;
        foreach (var (name, value) in properties)
        {
            result = result.With(name, value);
        }

        return result;
    }

    public static ArrayValue List(params PropertyValue[] items) => new([.. items]);

    public static SecretValue Secret(PropertyValue value) => new(value);
}
