using System.Diagnostics;
using Pulumi.Blanket.Lab;

namespace Pulumi.Blanket.Benchmarks;

/// <summary>Making virtual machines by the plugin, from the request to the answer, beside the same by hand on the hosts: one, and twenty at once on three hosts. By turns, medians.</summary>
internal sealed class MachinesBenchmark : IBenchmark
{
    private const int SingleTurns = 9;
    private const int Together = 20;
    private const int TogetherTurns = 5;

    public string Name => "machines";

    public string? Obstacle => BenchLab.Obstacle;

    public async Task<IReadOnlyList<Figure>> MeasureAsync(CancellationToken cancellationToken)
    {
        await using var fabric = await BenchFabric.UpAsync(cancellationToken);
        await fabric.KeepImageEverywhereAsync(cancellationToken);
        await TurnAsync(fabric, 1, [], [], cancellationToken); // whatever is only done the first time
        List<double> one = [];
        List<double> oneByHand = [];
        for (var turn = 0; turn < SingleTurns; turn++)
        {
            await TurnAsync(fabric, 1, one, oneByHand, cancellationToken);
        }

        List<double> many = [];
        List<double> manyByHand = [];
        for (var turn = 0; turn < TogetherTurns; turn++)
        {
            await TurnAsync(fabric, Together, many, manyByHand, cancellationToken);
        }

        return
        [
            new("making a VM, ms", one.Median(), oneByHand.Median(), "by hand", "at most 1.2 times the baseline", one.Median() <= 1.2 * oneByHand.Median()),
            new("making 20 VMs at once on 3 hosts, ms", many.Median(), manyByHand.Median(), "by hand", "at most 1.3 times the baseline", many.Median() <= 1.3 * manyByHand.Median()),
        ];
    }

    /// <summary>Some machines by us, and as many on the same hosts by hand, after them.</summary>
    private static async Task TurnAsync(BenchFabric fabric, int count, List<double> ours, List<double> byHand, CancellationToken cancellationToken)
    {
        var wanted = await Task.WhenAll(Enumerable.Range(0, count).Select(number
            => fabric.Stack.CheckAsync("VirtualMachine", $"bench-{number}", fabric.Machine($"bench-{number}", count == 1 ? fabric.Lab.Hosts[0].Name : null), cancellationToken)));
        var start = Stopwatch.GetTimestamp();
        var made = await Task.WhenAll(wanted.Select(machine => fabric.Stack.CreateAsync(machine, cancellationToken)));
        ours.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);

        var prepared = await Task.WhenAll(made.Select(machine => HandMadeMachine.PrepareAsync(fabric.HostOf(machine), machine.Id, cancellationToken)));
        await Task.WhenAll(made.Select(machine => fabric.Stack.DeleteAsync(machine, cancellationToken)));
        byHand.Add(await HandMadeMachine.MakeAsync(prepared, cancellationToken));
        await Task.WhenAll(prepared.Select(machine => machine.RemoveAsync(cancellationToken)));
    }
}
