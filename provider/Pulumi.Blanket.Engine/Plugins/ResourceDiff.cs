using System.Collections.Immutable;
using Pulumi.Blanket.Protocol.Contract;

namespace Pulumi.Blanket.Engine.Plugins;

/// <summary>What a provider says of the way from a resource's state to new inputs.</summary>
/// <param name="ChangedKeys">Names of top-level properties.</param>
/// <param name="ReplaceKeys">Those of them that only a replacement changes.</param>
/// <param name="StableKeys">Outputs that stay as they are.</param>
/// <param name="Details">By path; null where the provider gives no details.</param>
public sealed record ResourceDiff(
    ResourceDiff.Answer Changes,
    ImmutableArray<string> ChangedKeys,
    ImmutableArray<string> ReplaceKeys,
    ImmutableArray<string> StableKeys,
    bool DeleteBeforeReplace,
    ImmutableSortedDictionary<string, PropertyDiff>? Details)
{
    /// <summary>Key of the change of a resource that its provider could not finish last time.</summary>
    public const string InitErrorsKey = "#initerrors";

    public static ResourceDiff None { get; } = new(Answer.None, [], [], [], false, null);

    public bool IsReplace => Changes != Answer.None && (ReplaceKeys.Length > 0 || Details?.Values.Any(IsReplaceKind) == true);

    public static ResourceDiff Some(params ReadOnlySpan<string> keys) => None with { Changes = Answer.Some, ChangedKeys = [.. keys] };

    public static bool IsReplaceKind(PropertyDiff diff)
        => diff.Kind is PropertyDiff.Types.Kind.AddReplace or PropertyDiff.Types.Kind.DeleteReplace or PropertyDiff.Types.Kind.UpdateReplace;

    public enum Answer
    {
        /// <summary>The provider can't tell; inputs decide.</summary>
        Unknown,
        None,
        Some,
    }
}
