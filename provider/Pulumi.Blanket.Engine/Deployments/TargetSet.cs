using System.Collections.Immutable;
using System.Text.RegularExpressions;

namespace Pulumi.Blanket.Engine.Deployments;

/// <summary>
/// The resources to which a deployment is limited: URNs in which <c>*</c> stands for anything but a colon, and <c>**</c> for anything, as Pulumi's
/// <c>--target</c> has them.
/// </summary>
/// <param name="patterns">Empty for all.</param>
/// <param name="excluded">What is none of them all the same.</param>
internal sealed class TargetSet(ImmutableArray<string> patterns, ImmutableArray<string> excluded)
{
    private readonly ImmutableArray<Regex> _patterns = ImmutableArray.CreateRange(patterns, ToRegex);
    private readonly ImmutableArray<Regex> _excluded = ImmutableArray.CreateRange(excluded, ToRegex);

    public bool IsAll => _patterns.IsEmpty && _excluded.IsEmpty;

    public bool Contains(string urn) => !Excludes(urn) && (_patterns.IsEmpty || _patterns.Any(pattern => pattern.IsMatch(urn)));

    public bool Excludes(string urn) => _excluded.Any(pattern => pattern.IsMatch(urn));

    /// <summary>Those that match none of the URNs.</summary>
    public IEnumerable<string> Unmatched(IReadOnlyCollection<string> urns)
        => patterns.Zip(_patterns).Concat(excluded.Zip(_excluded)).Where(pair => !urns.Any(pair.Second.IsMatch)).Select(pair => pair.First);

    private static Regex ToRegex(string pattern) => new(
        "^" + Regex.Escape(pattern).Replace(@"\*\*", ".*", StringComparison.Ordinal).Replace(@"\*", "[^:]*", StringComparison.Ordinal) + "$", RegexOptions.NonBacktracking);
}
