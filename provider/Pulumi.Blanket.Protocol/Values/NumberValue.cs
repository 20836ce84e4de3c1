namespace Pulumi.Blanket.Protocol.Values;

/// <summary>A number; the protocol has only doubles, exact for whole numbers up to 2^53.</summary>
public sealed record NumberValue(double Number) : PropertyValue;
