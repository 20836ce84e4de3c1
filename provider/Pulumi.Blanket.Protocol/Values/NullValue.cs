namespace Pulumi.Blanket.Protocol.Values;

/// <summary>A value that is there, and is null.</summary>
public sealed record NullValue : PropertyValue
{
    private NullValue()
    {
    }

    public static NullValue Instance { get; } = new();
}
