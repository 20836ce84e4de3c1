using System.Globalization;

namespace Pulumi.Blanket.Lab;

/// <summary>What a client in a network sees of a guest while it moves: one TCP connection with a numbered line every 20 ms, and a ping every 20 ms.</summary>
public sealed class SegmentTraffic : IAsyncDisposable
{
    private const int PingMs = 20;

    private static readonly TimeSpan FlowLimit = TimeSpan.FromSeconds(60);

    private readonly SegmentClient _client;
    private readonly LabHost _host;
    private readonly string _folder;

    private SegmentTraffic(SegmentClient client, LabHost host, string folder) => (_client, _host, _folder) = (client, host, folder);

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
            setsid busybox ping -i 0.02 {guestAddress} > {folder}/pings 2>&1 < /dev/null & echo $! >> {folder}/pids
            """]);
        return new SegmentTraffic(client, host, folder);
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
        for (var deadline = DateTime.UtcNow + FlowLimit; await ReadLinesAsync() < before + 5; await Task.Delay(100, cancellationToken))
        {
            if (DateTime.UtcNow > deadline)
            {
                throw new IOException($"no line came within {FlowLimit.TotalSeconds:0} s behind line {before}");
            }
        }
    }

    /// <summary>The times without an answer to a ping, in milliseconds, the longest first; they come in steps of 20.</summary>
    /// <exception cref="IOException">No ping was answered.</exception>
    public async Task<IReadOnlyList<int>> ReadSilencesAsync()
    {
        var answered = (await _host.RunOrThrowAsync(["cat", $"{_folder}/pings"])).Split('\n')
            .Select(line => line.Split(" seq=")).Where(parts => parts.Length == 2 && parts[1].Contains("time=", StringComparison.Ordinal))
            .Select(parts => int.Parse(parts[1].Split(' ')[0], CultureInfo.InvariantCulture)).Distinct().Order().ToList();
        return answered.Count > 1
            ? [.. answered.Zip(answered.Skip(1), (one, next) => (next - one - 1) * PingMs).OrderDescending()]
            : throw new IOException("no ping was answered");
    }

    public async ValueTask DisposeAsync()
    {
        await _host.RunAsync(["sh", "-c", $"kill $(cat {_folder}/pids); rm -rf {_folder}"]);
        await _client.DisposeAsync();
    }
}
