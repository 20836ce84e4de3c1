using System.Globalization;
using Pulumi.Blanket.Lab;

namespace Pulumi.Blanket.EndToEnd.Tests;

/// <summary>What a client in a network sees of a guest while it moves: one TCP connection with numbered lines, and a ping every 20 ms.</summary>
internal sealed class SegmentTraffic : IAsyncDisposable
{
    private const int PingMs = 20;

    private readonly SegmentClient _client;
    private readonly LabHost _host;
    private readonly string _folder;

    private SegmentTraffic(SegmentClient client, LabHost host, string folder) => (_client, _host, _folder) = (client, host, folder);

    public static async Task<SegmentTraffic> StartAsync(LabHost host, uint vni, string clientAddress, string guestAddress)
    {
        var client = await SegmentClient.JoinAsync(host, $"bk{vni}", clientAddress);
        var folder = $"/tmp/traffic-{Guid.NewGuid():n}";
        await client.RunOrThrowAsync(["sh", "-c",
            $"""
            mkdir {folder}
            setsid curl -sN "http://{guestAddress}/stream?intervalMs=20" > {folder}/lines 2> {folder}/errors < /dev/null & echo $! > {folder}/pids
            setsid ping -n -D -i 0.02 {guestAddress} > {folder}/pings 2>&1 < /dev/null & echo $! >> {folder}/pids
            """]);
        return new SegmentTraffic(client, host, folder);
    }

    /// <summary>How many numbered lines came, in order, on the one connection.</summary>
    public async Task<long> ReadLinesAsync()
    {
        var numbers = (await _host.RunOrThrowAsync(["cat", $"{_folder}/lines"])).Split('\n');
        for (var index = 0; index < numbers.Length - 1; index++)
        {
            Assert.Equal((index + 1).ToString(CultureInfo.InvariantCulture), numbers[index]);
        }

        return numbers.Length - 1;
    }

    /// <summary>Waits until more lines have come than now.</summary>
    public async Task FlowsAsync()
    {
        var before = await ReadLinesAsync();
        await Lab.Tests.Eventually.TrueAsync(async () => await ReadLinesAsync() > before + 5, "lines come on the connection that was opened first", 20);
    }

    /// <summary>The longest time without an answer to a ping, in milliseconds.</summary>
    public async Task<int> ReadLongestSilenceAsync()
    {
        var answered = (await _host.RunOrThrowAsync(["cat", $"{_folder}/pings"])).Split('\n')
            .Select(line => line.Split("icmp_seq=")).Where(parts => parts.Length == 2 && parts[1].Contains("time=", StringComparison.Ordinal))
            .Select(parts => int.Parse(parts[1].Split(' ')[0], CultureInfo.InvariantCulture)).Distinct().Order().ToList();
        return answered.Zip(answered.Skip(1), (one, next) => (next - one - 1) * PingMs).DefaultIfEmpty().Max();
    }

    public async ValueTask DisposeAsync()
    {
        await _host.RunAsync(["sh", "-c", $"kill $(cat {_folder}/pids); rm -rf {_folder}"]);
        await _client.DisposeAsync();
    }
}
