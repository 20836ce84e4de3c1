namespace Pulumi.Blanket.Engine.Programs.Schemas;

/// <summary>What a value has to be.</summary>
internal enum ValueKind
{
    /// <summary>Anything, or not known.</summary>
    Any,
    Null,
    Text,
    Integer,
    Number,
    Boolean,
    List,
    Map,

    /// <summary>A map with named properties.</summary>
    Object,

    /// <summary>One of several.</summary>
    Union,

    /// <summary>An asset, or an archive.</summary>
    Asset,
    Archive,

    /// <summary>A whole resource.</summary>
    Resource,
}
