using System.Diagnostics;
using System.Globalization;
using Pulumi.Blanket.Lab;
using Pulumi.Blanket.Protocol.Values;

namespace Pulumi.Blanket.Benchmarks;

/// <summary>
/// Reading two hundred machines that are defined on three hosts, all asked for at once by a plugin that was just started, its SSH connections included; how many of those there are; and the agents' memory
/// after it. Beside it one `virsh` on each host, over SSH, that tells state and XML of all of them.
/// </summary>
internal sealed class ReadingBenchmark : IBenchmark
{
    private const int Machines = 200;
    private const int Turns = 5;

    public string Name => "reading";

    public string? Obstacle => BenchLab.Obstacle;

    public async Task<IReadOnlyList<Figure>> MeasureAsync(CancellationToken cancellationToken)
    {
        await using var fabric = await BenchFabric.UpAsync(cancellationToken);
        var machines = await Task.WhenAll(Enumerable.Range(0, Machines).Select(number
            => fabric.Stack.UpAsync("VirtualMachine", $"bench-{number}", fabric.Machine($"bench-{number}", running: false), cancellationToken)));
        await Task.WhenAll(machines.Select(machine => fabric.Stack.ReadAsync(machine, cancellationToken)));
        List<double> ours = [];
        List<double> byHand = [];
        List<double> connections = [];
        for (var turn = 0; turn < Turns; turn++)
        {
            await ReadAsync(fabric, machines, ours, connections, cancellationToken);
            byHand.Add(await ReadByHandAsync(fabric, cancellationToken));
        }

        return
        [
            new("reading 200 VMs on 3 hosts, s", ours.Median(), byHand.Median(), "one `virsh` per host over SSH", "at most 1", ours.Median() <= 1),
            new("SSH connections per host, the most", connections.Max(), null, "", "1", connections.All(count => count is 1)),
        ];
    }

    private static async Task ReadAsync(BenchFabric fabric, IReadOnlyList<BenchResource> machines, List<double> times, List<double> connections, CancellationToken cancellationToken)
    {
        var before = await CountLoginsAsync(fabric, cancellationToken);
        await using var plugin = await fabric.StartPluginAsync(cancellationToken);
        BenchStack stack = new(plugin);
        var start = Stopwatch.GetTimestamp();
        var read = await Task.WhenAll(machines.Select(machine => stack.ReadAsync(machine, cancellationToken)));
        times.Add(Stopwatch.GetElapsedTime(start).TotalSeconds);
        if (read.Any(machine => machine.State.Fields["state"].StringValue != "stopped"))
        {
            throw new InvalidOperationException("a machine was not read");
        }

        connections.AddRange((await CountLoginsAsync(fabric, cancellationToken)).Zip(before, (now, then) => now - then));
    }

    /// <summary>Every one that there ever was, open or not, as each host's sshd noted it.</summary>
    private static Task<double[]> CountLoginsAsync(BenchFabric fabric, CancellationToken cancellationToken) => Task.WhenAll(fabric.Lab.Hosts.Select(async host
        => double.Parse(await host.RunOrThrowAsync(["sh", "-c", "journalctl --sync; journalctl -q -t sshd -o cat | grep -c '^Accepted '"], cancellationToken: cancellationToken), CultureInfo.InvariantCulture)));

    private static async Task<double> ReadByHandAsync(BenchFabric fabric, CancellationToken cancellationToken)
    {
        var sessions = await Task.WhenAll(fabric.Lab.Hosts.Select(async host =>
        {
            var uuids = (await host.RunOrThrowAsync(["virsh", "list", "--all", "--uuid"], cancellationToken: cancellationToken)).Split('\n', StringSplitOptions.RemoveEmptyEntries);
            return (Host: host, Commands: string.Concat(uuids.Select(uuid => $"domstate {uuid}\ndumpxml {uuid}\n")));
        }));
        var start = Stopwatch.GetTimestamp();
        await Task.WhenAll(sessions.Select(async session =>
        {
            (await fabric.Lab.RunAsync(["ssh", .. fabric.Lab.SshArguments(session.Host), "virsh", "-q"], session.Commands, cancellationToken)).OutputOrThrow();
        }));
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }
}
