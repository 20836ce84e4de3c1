using System.Collections.Immutable;

namespace Pulumi.Blanket.Engine.States;

/// <summary>What a stack's history says of one update (pulumi/pulumi, <c>pkg/backend/updates.go</c>, UpdateInfo).</summary>
/// <param name="Kind"><c>update</c>, <c>refresh</c>, <c>destroy</c>, <c>import</c>, <c>resource-import</c>.</param>
/// <param name="Result"><c>succeeded</c> or <c>failed</c>.</param>
/// <param name="ResourceChanges">By kind of step, how many: <c>create</c>, <c>update</c>, <c>same</c>, …</param>
public sealed record UpdateRecord(
    string Kind, DateTimeOffset Start, DateTimeOffset End, string Result, ImmutableSortedDictionary<string, int> ResourceChanges)
{
    public const string Succeeded = "succeeded";
    public const string Failed = "failed";

    public string Message { get; init; } = "";

    public ImmutableSortedDictionary<string, string> Environment { get; init; } = ImmutableSortedDictionary<string, string>.Empty;

    /// <summary>The settings as JSON, as they stand in the stack's file: secrets sealed.</summary>
    public string ConfigJson { get; init; } = "{}";
}
