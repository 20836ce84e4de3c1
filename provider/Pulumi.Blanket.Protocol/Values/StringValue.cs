namespace Pulumi.Blanket.Protocol;

public sealed record StringValue(string Text) : PropertyValue;
