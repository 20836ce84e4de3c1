using System.Diagnostics;
using System.Globalization;
using Pulumi.Blanket.Lab;
using Pulumi.Blanket.Lab.Hosts;

namespace Pulumi.Blanket.Benchmarks;

/// <summary>Ten running machines off a host at once, beside as many bytes by plain TCP over the same mesh.</summary>
internal sealed class ManyMovesBenchmark : IBenchmark
{
    private const int Together = 10;

    /// <summary>Mbit/s; so slow that it is the link that is measured, not the two processors that all hosts share.</summary>
    private const int Rate = 50;

    public string Name => "many-moves";

    public string? Obstacle => BenchLab.Obstacle;

    public async Task<IReadOnlyList<Figure>> MeasureAsync(CancellationToken cancellationToken)
    {
        await using var bench = await MoveBench.UpAsync(cancellationToken);
        var fabric = bench.Fabric;
        var (from, to) = (fabric.Lab.Hosts[0], fabric.Lab.Hosts[1]);
        var machines = await Task.WhenAll(Enumerable.Range(0, Together).Select(number => fabric.Stack.UpAsync("VirtualMachine", $"many-{number}", fabric.Machine($"many-{number}", from.Name), cancellationToken)));
        foreach (var machine in machines)
        {
            await bench.AnswersAsync(machine);
        }

        await fabric.Lab.SetRateAsync(from.Name, Rate, cancellationToken);
        var sent = await MoveBench.ReadSentAsync(from);
        var start = Stopwatch.GetTimestamp();
        machines = [.. (await Task.WhenAll(machines.Select(machine => fabric.Stack.UpdateAsync(machine, fabric.Machine(machine.Name, to.Name), cancellationToken)))).Select(moved => moved.Resource)];
        var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        var bytes = await MoveBench.ReadSentAsync(from) - sent;

        // The same guests run while the link shows what it can do.
        var plain = await SendAsync(from, to, fabric.MeshAddresses[to.Name], bytes, cancellationToken);
        await Task.WhenAll(machines.Select(machine => fabric.Stack.DeleteAsync(machine, cancellationToken)));
        return [new($"{Together} VMs off a host ({bytes >> 20} MiB at {Rate} Mbit/s), s", seconds, plain, "as many bytes by plain TCP over the same mesh", "at most 1.15 times the baseline", seconds <= 1.15 * plain)];
    }

    private static async Task<double> SendAsync(LabHost from, LabHost to, string address, long bytes, CancellationToken cancellationToken)
    {
        const int Port = 5201;
        var listening = to.RunOrThrowAsync(["sh", "-c", $"busybox nc -l -p {Port} < /dev/null > /dev/null"], cancellationToken: cancellationToken);
        await Task.Delay(1000, cancellationToken);
        var start = Stopwatch.GetTimestamp();
        await from.RunOrThrowAsync(["bash", "-c", $"head -c {bytes.ToString(CultureInfo.InvariantCulture)} /dev/zero > /dev/tcp/{address}/{Port}"], cancellationToken: cancellationToken);
        await listening;
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }
}
