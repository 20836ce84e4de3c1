using System.Globalization;
using Pulumi.Blanket.Benchmarks;

// `make bench` runs all; arguments name some of them. Exit code 1: a goal was missed.
IBenchmark[] all = [new StartBenchmark(), new PlanningBenchmark(), new EngineBenchmark(), new CallBenchmark(), new AdoptionBenchmark(), new MachinesBenchmark(), new ReadingBenchmark(), new ImagesBenchmark(), new MovesBenchmark(), new ManyMovesBenchmark(), new MovedBytesBenchmark()];
var chosen = args.Length == 0 ? all : [.. all.Where(benchmark => args.Contains(benchmark.Name))];
if (chosen.Length == 0)
{
    await Console.Error.WriteLineAsync($"there are the benchmarks {string.Join(", ", all.Select(benchmark => benchmark.Name))}");
    return 2;
}

var met = true;
Console.WriteLine("| figure | measured | baseline | goal | |");
Console.WriteLine("| --- | ---: | ---: | --- | --- |");
foreach (var benchmark in chosen)
{
    if (benchmark.Obstacle is { } obstacle)
    {
        await Console.Error.WriteLineAsync($"{benchmark.Name} is left out: {obstacle}");
        continue;
    }

    foreach (var figure in await benchmark.MeasureAsync(CancellationToken.None))
    {
        var baseline = figure.Baseline is { } value ? $"{value.ToString("#,0.#", CultureInfo.InvariantCulture)} ({figure.BaselineName})" : "";
        Console.WriteLine($"| {figure.Name} | {figure.Value.ToString("#,0.#", CultureInfo.InvariantCulture)} | {baseline} | {figure.Goal} | {(figure.IsMet ? "met" : "MISSED")} |");
        met &= figure.IsMet;
    }
}

return met ? 0 : 1;
