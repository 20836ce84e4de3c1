using Pulumi.Blanket.Protocol.Values;

namespace Pulumi.Blanket.Protocol;

/// <summary>Why a value or a path can't be read or written; a closed set.</summary>
public enum ProtocolFailure
{
    /// <summary>A value is nested deeper than <see cref="PropertyCodec.MaxDepth"/>.</summary>
    TooDeep,

    /// <summary>A struct carries one of Pulumi's signatures, and not the fields that belong to it.</summary>
    MalformedValue,

    /// <summary>A property path can't be read.</summary>
    MalformedPath,
}
