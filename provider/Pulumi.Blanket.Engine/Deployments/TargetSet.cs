using System.Collections.Immutable;
using System.Text.RegularExpressions;

namespace Pulumi.Blanket.Engine.Deployments;

/// <summary>
/// The resources to which a deployment is limited: URNs in which <c>*</c> stands for anything but a colon, and <c>**</c> for anything, as Pulumi's
/// <c>--target</c> has them.
/// </summary>
internal sealed class TargetSet(ImmutableArray<string> patterns)
{
    private readonly ImmutableArray<Regex> _patterns =
    [
        .. patterns.Select(pattern => new Regex(
            "^" + Regex.Escape(pattern).Replace(@"\*\*", ".*", StringComparison.Ordinal).Replace(@"\*", "[^:]*", StringComparison.Ordinal) + "$", RegexOptions.NonBacktracking)),
    ];

    /// <summary>Those that match none of the URNs.</summary>
    public IEnumerable<string> Unmatched(IReadOnlyCollection<string> urns)
        => patterns.Zip(_patterns).Where(pair => !urns.Any(pair.Second.IsMatch)).Select(pair => pair.First);

    public bool IsAll => _patterns.IsEmpty;

    public bool Contains(string urn) => IsAll || _patterns.Any(pattern => pattern.IsMatch(urn));
}
