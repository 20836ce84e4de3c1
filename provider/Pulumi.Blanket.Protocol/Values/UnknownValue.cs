namespace Pulumi.Blanket.Protocol.Values;

/// <summary>A value that is not known yet: in previews, what a resource will only say once it exists.</summary>
public sealed record UnknownValue(UnknownKind Kind) : PropertyValue
{
    public static UnknownValue Text { get; } = new(UnknownKind.Text);
}
