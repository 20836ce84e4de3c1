namespace Pulumi.Blanket.Protocol.Values;

/// <summary>A value that must not be shown. Its text form does not show it either.</summary>
public sealed record SecretValue(PropertyValue Inner) : PropertyValue
{
    private protected override IEnumerable<PropertyValue> Children => [Inner];

    public override string ToString() => "[secret]";
}
