namespace Pulumi.Blanket.Protocol.Values;

public sealed record StringValue(string Text) : PropertyValue;
