using System.Diagnostics;
using System.Globalization;
using Pulumi.Blanket.Lab.Hosts;

namespace Pulumi.Blanket.Lab.Guests;

/// <summary>What a client in a network sees of a guest while it moves: one TCP connection with a numbered line every 20 ms, and a ping every 20 ms.</summary>
public sealed class SegmentTraffic : IAsyncDisposable
{
    private static readonly TimeSpan FlowLimit = TimeSpan.FromSeconds(60);

    private readonly SegmentClient _client;
    private readonly LabHost _host;
    private readonly string _folder;
    private readonly PingTrain _pings;

    private SegmentTraffic(SegmentClient client, LabHost host, string folder, PingTrain pings) => (_client, _host, _folder, _pings) = (client, host, folder, pings);

    /// <param name="bridge">The network's bridge on that host.</param>
    /// <param name="clientAddress">One that nobody has, with the length of the network's prefix.</param>
    /// <param name="guestAddress">A lab guest's.</param>
    public static async Task<SegmentTraffic> StartAsync(LabHost host, string bridge, string clientAddress, string guestAddress)
    {
        var client = await SegmentClient.JoinAsync(host, bridge, clientAddress);
        var folder = $"/tmp/traffic-{Guid.NewGuid():n}";
        await client.RunOrThrowAsync(["sh", "-c",
            $"""
            mkdir {folder}
            setsid curl -sN "http://{guestAddress}/stream?intervalMs=20" > {folder}/lines 2> {folder}/errors < /dev/null & echo $! > {folder}/pids
            """]);
        return new SegmentTraffic(client, host, folder, await PingTrain.StartAsync(client, guestAddress, 20));
    }

    /// <summary>How many lines came so far.</summary>
    /// <exception cref="IOException">One was missing.</exception>
    public async Task<int> ReadLinesAsync()
    {
        var numbers = (await _host.RunOrThrowAsync(["cat", $"{_folder}/lines"])).Split('\n')[..^1];
        for (var index = 0; index < numbers.Length; index++)
        {
            if (numbers[index] != (index + 1).ToString(CultureInfo.InvariantCulture))
            {
                throw new IOException($"line {numbers[index]} came where line {index + 1} should have been");
            }
        }

        return numbers.Length;
    }

    /// <summary>Waits until more lines have come than now, on the connection that was opened first.</summary>
    /// <exception cref="IOException">None come any more.</exception>
    public async Task FlowsAsync(CancellationToken cancellationToken = default)
    {
        var before = await ReadLinesAsync();
        for (var waited = Stopwatch.StartNew(); await ReadLinesAsync() < before + 5; await Task.Delay(100, cancellationToken))
        {
            if (waited.Elapsed > FlowLimit)
            {
                throw new IOException($"no line came within {FlowLimit.TotalSeconds:0} s behind line {before}");
            }
        }
    }

    /// <summary>The times without an answer to a ping, in milliseconds, the longest first; they come in steps of 20.</summary>
    /// <exception cref="IOException">No ping was answered.</exception>
    public Task<IReadOnlyList<int>> ReadSilencesAsync() => _pings.ReadSilencesAsync();

    public async ValueTask DisposeAsync()
    {
        await _pings.DisposeAsync();
        await _host.RunAsync(["sh", "-c", $"kill $(cat {_folder}/pids); rm -rf {_folder}"]);
        await _client.DisposeAsync();
    }
}
