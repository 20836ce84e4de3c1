namespace Pulumi.Blanket.Protocol.Values;

public sealed record BoolValue(bool Truth) : PropertyValue;
