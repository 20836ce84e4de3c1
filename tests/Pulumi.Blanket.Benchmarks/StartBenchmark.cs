using System.Diagnostics;
using Pulumi.Blanket.Protocol.Contract;

namespace Pulumi.Blanket.Benchmarks;

/// <summary>From the start of the process to its port, and from there to its schema; medians of runs that take turns with the bare server.</summary>
internal sealed class StartBenchmark : IBenchmark
{
    private const int Runs = 25;

    public string Name => "start";

    public async Task<IReadOnlyList<Figure>> MeasureAsync(CancellationToken cancellationToken)
    {
        List<double> ours = [];
        List<double> bare = [];
        List<double> schema = [];
        for (var run = 0; run < Runs; run++)
        {
            await using (var server = await ServerProcess.StartAsync(ServerProcess.Bare, [], cancellationToken))
            {
                bare.Add(server.Started.TotalMilliseconds);
            }

            await using var plugin = await ServerProcess.StartAsync(ServerProcess.Plugin, [], cancellationToken);
            ours.Add(plugin.Started.TotalMilliseconds);
            var start = Stopwatch.GetTimestamp();
            await new ResourceProvider.ResourceProviderClient(plugin.Channel).GetSchemaAsync(new GetSchemaRequest(), cancellationToken: cancellationToken);
            schema.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
        }

        var (own, baseline, answered) = (ours.Median(), bare.Median(), schema.Median());
        return
        [
            new("process start to port line, ms", own, baseline, "bare AOT gRPC server", "at most 1.5 times the baseline", own <= 1.5 * baseline),
            new("schema answered after it, ms", answered, null, "", "at most 60", answered <= 60),
        ];
    }
}
