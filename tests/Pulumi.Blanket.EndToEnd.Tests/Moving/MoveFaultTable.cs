using System.Globalization;

namespace Pulumi.Blanket.EndToEnd.Tests.Moving;

/// <summary>What a campaign of faults came to: by fault and by the phase in which it struck.</summary>
internal sealed class MoveFaultTable
{
    private readonly List<(MoveFault Fault, string Phase, string Outcome, TimeSpan? Still)> _rows = [];

    /// <param name="still">For how long the machine stood still; null where it, or its host, was down.</param>
    public void Add(MoveFault fault, string phase, string outcome, TimeSpan? still) => _rows.Add((fault, phase, outcome, still));

    public override string ToString() => string.Join('\n',
    [
        "| fault | while | moved by the first `up` | by the second | stood still at most, s |",
        "| --- | --- | ---: | ---: | ---: |",
        .. _rows.GroupBy(row => (row.Fault, row.Phase)).OrderBy(group => group.Key.Fault).ThenBy(group => group.Key.Phase, StringComparer.Ordinal).Select(group => string.Create(CultureInfo.InvariantCulture,
            $"| {group.Key.Fault} | {group.Key.Phase} | {group.Count(row => row.Outcome == "moved")} | {group.Count(row => row.Outcome != "moved")} | {group.Max(row => row.Still)?.TotalSeconds:0.0} |")),
    ]);
}
