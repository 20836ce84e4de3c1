namespace Pulumi.Blanket.Protocol.Values;

/// <summary>What an unknown value was declared to be; the wire has a marker for each.</summary>
public enum UnknownKind
{
    /// <summary>A string, an id, or anything else.</summary>
    Text,
    Bool,
    Number,
    Array,
    Object,
    Asset,
    Archive,
}
