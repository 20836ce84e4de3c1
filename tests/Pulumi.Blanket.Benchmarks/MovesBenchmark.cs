using System.Diagnostics;
using System.Globalization;
using Pulumi.Blanket.Lab;
using Pulumi.Blanket.Protocol;

namespace Pulumi.Blanket.Benchmarks;

/// <summary>
/// Moving a running machine by an Update, beside `virsh migrate` of the same machine: by turns around a ring of three hosts, so that either way both start where the other ended. Then ten machines
/// off a host, and what goes over the mesh of a machine that is mostly its base image.
/// </summary>
internal sealed class MovesBenchmark : IBenchmark
{
    private const string Machine = "bench";
    private const string ClientAddress = "10.60.255.240/16";
    private const int Turns = 15;
    private const int PingMs = 10;
    private const int Together = 10;
    private const int BaseMiB = 1024;
    private const int ChangesMiB = 20;

    /// <summary>What the goal allows beyond the plain move: the two agents' agreement on who has the machine.</summary>
    private const int AgreementMs = 80;

    public string Name => "moves";

    public string? Obstacle => BenchLab.Obstacle;

    public async Task<IReadOnlyList<Figure>> MeasureAsync(CancellationToken cancellationToken)
    {
        await using var fabric = await BenchFabric.UpAsync(cancellationToken);
        await fabric.KeepImageEverywhereAsync(cancellationToken);
        await using var client = await SegmentClient.JoinAsync(fabric.Lab.Hosts[0], fabric.Bridge, ClientAddress);
        List<Figure> figures = [.. await MeasureOneAsync(fabric, client, cancellationToken)];
        figures.Add(await MeasureManyAsync(fabric, client, cancellationToken));
        figures.Add(await MeasureBytesAsync(fabric, client, cancellationToken));
        return figures;
    }

    private static async Task<IReadOnlyList<Figure>> MeasureOneAsync(BenchFabric fabric, SegmentClient client, CancellationToken cancellationToken)
    {
        var machine = await fabric.Stack.UpAsync("VirtualMachine", Machine, fabric.Machine(Machine, fabric.Lab.Hosts[0].Name), cancellationToken);
        await AnswersAsync(client, AddressOf(machine));
        await client.RunOrThrowAsync(["curl", "-sf", "-X", "POST", $"http://{AddressOf(machine)}/load?memoryMiBps=2"]);
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
            var (mine, mineSilent) = await WatchAsync(client, AddressOf(machine), async () =>
            {
                (machine, var ms) = await fabric.Stack.UpdateAsync(machine, fabric.Machine(Machine, fabric.Lab.Hosts[++place % 3].Name), cancellationToken);
                return ms;
            });
            var (from, to) = (fabric.Lab.Hosts[place % 3], fabric.Lab.Hosts[++place % 3]);
            var (hand, handSilent) = await WatchAsync(client, AddressOf(machine), () => new HandMadeMove(from, to, fabric.MeshAddresses[to.Name], machine.Id).RunAsync(cancellationToken));
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

    private static async Task<Figure> MeasureManyAsync(BenchFabric fabric, SegmentClient client, CancellationToken cancellationToken)
    {
        var (from, to) = (fabric.Lab.Hosts[0], fabric.Lab.Hosts[1]);
        var machines = await Task.WhenAll(Enumerable.Range(0, Together).Select(number => fabric.Stack.UpAsync("VirtualMachine", $"many-{number}", fabric.Machine($"many-{number}", from.Name), cancellationToken)));
        foreach (var machine in machines)
        {
            await AnswersAsync(client, AddressOf(machine));
        }

        var sent = await ReadSentAsync(from);
        var start = Stopwatch.GetTimestamp();
        machines = [.. (await Task.WhenAll(machines.Select(machine => fabric.Stack.UpdateAsync(machine, fabric.Machine(machine.Name, to.Name), cancellationToken)))).Select(moved => moved.Resource)];
        var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        var bytes = await ReadSentAsync(from) - sent;

        // The same guests run while the link shows what it can do.
        var plain = await SendAsync(from, to, fabric.MeshAddresses[to.Name], bytes, cancellationToken);
        await Task.WhenAll(machines.Select(machine => fabric.Stack.DeleteAsync(machine, cancellationToken)));
        return new($"{Together} VMs off a host ({bytes >> 20} MiB), s", seconds, plain, "as many bytes by plain TCP over the same mesh", "at most 1.15 times the baseline", seconds <= 1.15 * plain);
    }

    private static async Task<Figure> MeasureBytesAsync(BenchFabric fabric, SegmentClient client, CancellationToken cancellationToken)
    {
        var (from, to) = (fabric.Lab.Hosts[0], fabric.Lab.Hosts[1]);
        var image = await MakeBaseAsync(fabric, cancellationToken);
        var keeper = await fabric.Stack.UpAsync("VirtualMachine", "keeper", fabric.Machine("keeper", to.Name, running: false, image), cancellationToken);
        var machine = await fabric.Stack.UpAsync("VirtualMachine", "grown", fabric.Machine("grown", from.Name, image: image), cancellationToken);
        await AnswersAsync(client, AddressOf(machine));
        await client.RunOrThrowAsync(["curl", "-sf", "-X", "POST", $"http://{AddressOf(machine)}/load?diskMiBps=4"]);
        var disk = (await from.RunOrThrowAsync(["sh", "-c", $"virsh domblklist {machine.Id} --details | awk '$2 == \"disk\" {{ print $4 }}'"], cancellationToken: cancellationToken)).Trim();
        while (await ReadSizeAsync() < ChangesMiB << 20)
        {
            await Task.Delay(200, cancellationToken);
        }

        await client.RunOrThrowAsync(["curl", "-sf", "-X", "POST", $"http://{AddressOf(machine)}/load"]);
        await Task.Delay(TimeSpan.FromSeconds(2), cancellationToken);
        var changes = await ReadSizeAsync();
        var sent = await ReadSentAsync(from);
        (machine, _) = await fabric.Stack.UpdateAsync(machine, fabric.Machine("grown", to.Name, image: image), cancellationToken);
        var bytes = await ReadSentAsync(from) - sent;
        var memory = long.Parse((await to.RunOrThrowAsync(["sh", "-c", $"virsh domjobinfo {machine.Id} --completed --rawstats | sed -n 's/^memory_processed: //p'"], cancellationToken: cancellationToken)).Trim(), CultureInfo.InvariantCulture);
        await fabric.Stack.DeleteAsync(machine, cancellationToken);
        await fabric.Stack.DeleteAsync(keeper, cancellationToken);
        return new($"a VM of a base of {BaseMiB} MiB and {changes >> 20} MiB of changes, bytes over the mesh", bytes, changes + memory, "its changes and its memory", "at most 1.1 times the baseline", bytes <= 1.1 * (changes + memory));

        async Task<long> ReadSizeAsync() => long.Parse(await from.RunOrThrowAsync(["stat", "-c", "%s", disk], cancellationToken: cancellationToken), CultureInfo.InvariantCulture);
    }

    /// <summary>The lab's guest in the front of a disk that is full of what can't be compressed.</summary>
    /// <returns>Its id.</returns>
    private static async Task<string> MakeBaseAsync(BenchFabric fabric, CancellationToken cancellationToken)
    {
        var path = Path.Combine(fabric.Lab.Folder, "base.raw");
        using (var convert = Process.Start("qemu-img", ["convert", "-O", "raw", Path.Combine(fabric.Lab.GuestFolder, "guest.qcow2"), path]))
        {
            await convert.WaitForExitAsync(cancellationToken);
        }

        await using (FileStream file = new(path, FileMode.Append))
        {
            var block = new byte[1 << 20];
            while (file.Position < (long)BaseMiB << 20)
            {
                Random.Shared.NextBytes(block);
                await file.WriteAsync(block, cancellationToken);
            }
        }

        var image = await fabric.Stack.UpAsync("Image", "base", ObjectValue.Empty.With("name", "base").With("fabric", fabric.Connection).With("source", path).With("format", "raw"), cancellationToken);
        File.Delete(path);
        return image.Id;
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

    private static async Task<double> SendAsync(LabHost from, LabHost to, string address, long bytes, CancellationToken cancellationToken)
    {
        const int Port = 5201;
        var listening = to.RunOrThrowAsync(["socat", "-u", $"TCP-LISTEN:{Port},bind={address},reuseaddr", "OPEN:/dev/null"], cancellationToken: cancellationToken);
        await Task.Delay(1000, cancellationToken);
        var start = Stopwatch.GetTimestamp();
        await from.RunOrThrowAsync(["sh", "-c", $"head -c {bytes.ToString(CultureInfo.InvariantCulture)} /dev/zero | socat -u - TCP:{address}:{Port}"], cancellationToken: cancellationToken);
        await listening;
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    private static async Task<long> ReadSentAsync(LabHost host)
        => long.Parse(await host.RunOrThrowAsync(["cat", "/sys/class/net/blanket0/statistics/tx_bytes"]), CultureInfo.InvariantCulture);

    private static async Task AnswersAsync(SegmentClient client, string address)
    {
        for (var deadline = DateTime.UtcNow.AddMinutes(3); (await client.RunAsync(["curl", "-sf", "-m", "2", $"http://{address}/status"])).ExitCode != 0; await Task.Delay(500))
        {
            if (DateTime.UtcNow > deadline)
            {
                throw new TimeoutException($"the guest at {address} does not answer");
            }
        }
    }

    private static string AddressOf(BenchResource machine) => machine.State.Fields["addresses"].ListValue.Values[0].StringValue;
}
