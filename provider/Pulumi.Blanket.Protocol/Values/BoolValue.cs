namespace Pulumi.Blanket.Protocol;

public sealed record BoolValue(bool Truth) : PropertyValue;
