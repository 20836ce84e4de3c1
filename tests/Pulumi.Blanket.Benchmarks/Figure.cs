namespace Pulumi.Blanket.Benchmarks;

/// <summary>One measured figure beside its baseline of the same run.</summary>
/// <param name="Name">What was measured, with its unit.</param>
/// <param name="Value">Ours.</param>
/// <param name="Baseline">What it is compared with, measured in the same run; null where the goal is absolute.</param>
/// <param name="BaselineName">What the baseline is.</param>
/// <param name="Goal">The figure's goal in words.</param>
/// <param name="IsMet">Whether it is reached.</param>
internal sealed record Figure(string Name, double Value, double? Baseline, string BaselineName, string Goal, bool IsMet);
