using System.Globalization;
using Pulumi.Blanket.Lab;

namespace Pulumi.Blanket.Benchmarks;

/// <summary>A call to an agent on a lab's host beside the round trip of the bare SSH channel, both by the plugin's own code, on one connection, by turns.</summary>
internal sealed class CallBenchmark : IBenchmark
{
    private const int Calls = 10_000;

    public string Name => "call";

    public string? Obstacle => BenchLab.Obstacle;

    public async Task<IReadOnlyList<Figure>> MeasureAsync(CancellationToken cancellationToken)
    {
        await using var bench = await BenchLab.UpAsync(cancellationToken);
        var host = bench.Lab.Hosts[0];
        await (await bench.AdoptAsync([host], cancellationToken)).DisposeAsync();
        var result = await bench.Lab.RunAsync([ServerProcess.Calls, host.Address, bench.Lab.PrivateKeyFile, Calls.ToString(CultureInfo.InvariantCulture)], cancellationToken: cancellationToken);
        double[] medians = [.. result.OutputOrThrow().Split(' ').Select(text => double.Parse(text, CultureInfo.InvariantCulture))];
        return [new("call to the agent, µs", medians[1], medians[0], "bare SSH channel", "at most 2 times the baseline", medians[1] <= 2 * medians[0])];
    }
}
