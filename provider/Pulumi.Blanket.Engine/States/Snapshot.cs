using System.Collections.Immutable;
using System.Text.Json;

namespace Pulumi.Blanket.Engine.States;

/// <summary>A stack's whole state at one moment. A resource stands behind all that it depends on.</summary>
public sealed record Snapshot
{
    public static Snapshot Empty { get; } = new();

    public ImmutableArray<ResourceState> Resources { get; init; } = [];

    public ImmutableArray<PendingOperation> PendingOperations { get; init; } = [];

    /// <summary>Fields beside these that this engine has no use for, and hands on.</summary>
    public ImmutableSortedDictionary<string, JsonElement> Others { get; init; } = ImmutableSortedDictionary<string, JsonElement>.Empty;
}
