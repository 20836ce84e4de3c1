using System.Diagnostics;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Pulumi.Blanket.Protocol.Contract;

namespace Pulumi.Blanket.Benchmarks;

/// <summary>
/// Pairs of Check and Diff over one connection, as many at a time as an engine has in flight on this machine (four for each core), and the plugin's resident memory after them. The baseline
/// is a bare server that answers the same requests without reading them.
/// </summary>
internal sealed class PlanningBenchmark : IBenchmark
{
    private const string Type = "blanket:index:SshKey";
    private const string Urn = "urn:pulumi:dev::bench::blanket:index:SshKey::key";
    private const int WarmUp = 2_000;
    private const int Pairs = 15_000;

    public string Name => "planning";

    public async Task<IReadOnlyList<Figure>> MeasureAsync(CancellationToken cancellationToken)
    {
        await using var bare = await ServerProcess.StartAsync(ServerProcess.Bare, ["echo"], cancellationToken);
        await using var plugin = await ServerProcess.StartAsync(ServerProcess.Plugin, [], cancellationToken);
        await RunAsync(bare, WarmUp, cancellationToken);
        await RunAsync(plugin, WarmUp, cancellationToken);
        // By turns, and the better of two: the client, and whatever else runs on the machine, warms up and interferes.
        double own = 0;
        double baseline = 0;
        for (var turn = 0; turn < 2; turn++)
        {
            baseline = Math.Max(baseline, await RunAsync(bare, Pairs, cancellationToken));
            own = Math.Max(own, await RunAsync(plugin, Pairs, cancellationToken));
        }

        return
        [
            new("Check+Diff pairs a second, one connection", own, baseline, "bare AOT gRPC server", "at least 5,000", own >= 5_000),
            new("resident memory after them, MiB", plugin.ResidentMemory, bare.ResidentMemory, "bare AOT gRPC server", "at most 60", plugin.ResidentMemory <= 60),
        ];
    }

    private static async Task<double> RunAsync(ServerProcess server, int pairs, CancellationToken cancellationToken)
    {
        ResourceProvider.ResourceProviderClient client = new(server.Channel);
        var left = pairs;
        var start = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, Environment.ProcessorCount * 4).Select(_ => Task.Run(async () =>
        {
            while (Interlocked.Decrement(ref left) >= 0)
            {
                Struct inputs = new() { Fields = { ["algorithm"] = Value.ForString("ed25519"), ["name"] = Value.ForString("key-1234567") } };
                var check = await client.CheckAsync(
                    new CheckRequest { Urn = Urn, Type = Type, Name = "key", News = inputs, Olds = inputs, RandomSeed = ByteString.CopyFromUtf8("seed") }, cancellationToken: cancellationToken);
                Struct state = new(inputs)
                {
                    Fields = { ["publicKey"] = Value.ForString("ssh-ed25519 AAAA key-1234567"), ["privateKey"] = Value.ForString("PRIVATE"), ["schemaVersion"] = Value.ForNumber(1) },
                };
                await client.DiffAsync(
                    new DiffRequest { Id = "SHA256:x", Urn = Urn, Type = Type, Name = "key", OldInputs = inputs, Olds = state, News = check.Inputs }, cancellationToken: cancellationToken);
            }
        }, cancellationToken)));
        return pairs / Stopwatch.GetElapsedTime(start).TotalSeconds;
    }
}
