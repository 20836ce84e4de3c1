using System.Diagnostics;
using System.Globalization;
using Pulumi.Blanket.Lab;
using Pulumi.Blanket.Lab.Guests;
using Pulumi.Blanket.Protocol;
using Pulumi.Blanket.Protocol.Values;

namespace Pulumi.Blanket.Benchmarks;

/// <summary>
/// Moving a running machine by an Update, beside `virsh migrate` of the same machine: by turns around a ring of three hosts, so that either way both start where the other ended.
/// </summary>
internal sealed class MovesBenchmark : IBenchmark
{
    private const string Machine = "bench";
    private const int Turns = 15;
    private const int PingMs = 10;

    /// <summary>What the goal allows beyond the plain move: the two agents' agreement on who has the machine.</summary>
    private const int AgreementMs = 80;

    public string Name => "moves";

    public string? Obstacle => BenchLab.Obstacle;

    public async Task<IReadOnlyList<Figure>> MeasureAsync(CancellationToken cancellationToken)
    {
        await using var bench = await MoveBench.UpAsync(cancellationToken);
        var (fabric, client) = (bench.Fabric, bench.Client);
        var machine = await fabric.Stack.UpAsync("VirtualMachine", Machine, fabric.Machine(Machine, fabric.Lab.Hosts[0].Name), cancellationToken);
        await bench.AnswersAsync(machine);
        await client.RunOrThrowAsync(["curl", "-sf", "-X", "POST", $"http://{MoveBench.AddressOf(machine)}/load?memoryMiBps=2"]);
        List<double> ours = [];
        List<double> byHand = [];
        List<double> silence = [];
        List<double> silenceByHand = [];
        List<double> copy = [];
        List<double> switchOver = [];
        List<double> resume = [];
        var place = 0;
        for (var turn = -1; turn < Turns; turn++)
        {
            var (mine, mineSilent) = await WatchAsync(client, MoveBench.AddressOf(machine), async () =>
            {
                (machine, var ms) = await fabric.Stack.UpdateAsync(machine, fabric.Machine(Machine, fabric.Lab.Hosts[++place % 3].Name), cancellationToken);
                return ms;
            });
            var (from, to) = (fabric.Lab.Hosts[place % 3], fabric.Lab.Hosts[++place % 3]);
            var (hand, handSilent) = await WatchAsync(client, MoveBench.AddressOf(machine), () => new HandMadeMove(from, to, fabric.MeshAddresses[to.Name], machine.Id).RunAsync(cancellationToken));
            if (turn < 0)
            {
                continue; // whatever is only done the first time
            }

            ours.Add(mine);
            byHand.Add(hand);
            silence.Add(mineSilent);
            silenceByHand.Add(handSilent);
            var parts = machine.State.Fields["lastMigration"].StructValue.Fields["downtimeMs"].StructValue.Fields;
            copy.Add(parts["copy"].NumberValue);
            switchOver.Add(parts["switchOver"].NumberValue);
            resume.Add(parts["resume"].NumberValue);
        }

        await fabric.Stack.DeleteAsync(machine, cancellationToken);
        return
        [
            new("a live move, the whole Update, ms", ours.Median(), byHand.Median(), "`virsh migrate`", "at most 1.15 times the baseline", ours.Median() <= 1.15 * byHand.Median()),
            new("longest time without an answer to a ping, ms", silence.Median(), silenceByHand.Median(), "`virsh migrate`", $"at most {AgreementMs} ms more than the baseline", silence.Median() <= silenceByHand.Median() + AgreementMs),
            Part("in it: libvirt's last pass and hand-over, ms", copy),
            Part("in it: the source's decision, ms", switchOver),
            Part("in it: the target's resuming, ms", resume),
        ];

        static Figure Part(string name, List<double> values) => new(name, values.Median(), null, "", "part of the one above", true);
    }

    /// <returns>What was measured, and the longest time without an answer meanwhile; ms.</returns>
    private static async Task<(double Ms, double SilentMs)> WatchAsync(SegmentClient client, string address, Func<Task<double>> move)
    {
        await using var pings = await PingTrain.StartAsync(client, address, PingMs);
        await Task.Delay(500);
        var ms = await move();
        await Task.Delay(1000);
        return (ms, (await pings.ReadSilencesAsync())[0]);
    }
}
