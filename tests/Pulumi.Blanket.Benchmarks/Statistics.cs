namespace Pulumi.Blanket.Benchmarks;

internal static class Statistics
{
    public static double Median(this IReadOnlyCollection<double> values) => values.Order().ElementAt(values.Count / 2);
}
