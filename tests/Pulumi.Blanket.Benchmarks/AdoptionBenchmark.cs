using System.Diagnostics;
using Pulumi.Blanket.Lab;
using Pulumi.Blanket.Lab.Hosts;

namespace Pulumi.Blanket.Benchmarks;

/// <summary>From the start of the plugin's process to the adopted host: the first time, again, and three at once; and the plugin's memory after it.</summary>
internal sealed class AdoptionBenchmark : IBenchmark
{
    private const int Runs = 5;

    public string Name => "adoption";

    public string? Obstacle => BenchLab.Obstacle;

    public async Task<IReadOnlyList<Figure>> MeasureAsync(CancellationToken cancellationToken)
    {
        await using var bench = await BenchLab.UpAsync(cancellationToken);
        List<double> first = [];
        List<double> again = [];
        List<double> together = [];
        double memory = 0;
        foreach (var host in bench.Lab.Hosts)
        {
            await RunAsync(first, [host]);
        }

        for (var run = 0; run < Runs; run++)
        {
            await RunAsync(again, [bench.Lab.Hosts[run % bench.Lab.Hosts.Count]]);
            await RunAsync(together, bench.Lab.Hosts);
        }

        var (once, second, three) = (first.Median(), again.Median(), together.Median());
        return
        [
            new("adopting a prepared host again, s", second, once, "the first time", "at most 3", second <= 3),
            new("three hosts at once, again, s", three, once, "one, the first time", "at most 4", three <= 4),
            new("resident memory of the plugin after adoptions, the largest, MiB", memory, null, "", "at most 60", memory <= 60),
        ];

        async Task RunAsync(List<double> times, IEnumerable<LabHost> hosts)
        {
            var start = Stopwatch.GetTimestamp();
            await using var plugin = await bench.AdoptAsync(hosts, cancellationToken);
            times.Add(Stopwatch.GetElapsedTime(start).TotalSeconds);
            memory = Math.Max(memory, plugin.ResidentMemory);
        }
    }
}
