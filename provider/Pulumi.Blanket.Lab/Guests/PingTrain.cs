using System.Globalization;

namespace Pulumi.Blanket.Lab.Guests;

/// <summary>Pings a guest at a steady rate, and tells for how long it did not answer.</summary>
public sealed class PingTrain : IAsyncDisposable
{
    private readonly SegmentClient _client;
    private readonly string _folder;
    private readonly int _intervalMs;

    private PingTrain(SegmentClient client, string folder, int intervalMs) => (_client, _folder, _intervalMs) = (client, folder, intervalMs);

    /// <param name="client">From where.</param>
    /// <param name="address">A guest's, in the same network.</param>
    public static async Task<PingTrain> StartAsync(SegmentClient client, string address, int intervalMs)
    {
        var folder = $"/tmp/pings-{Guid.NewGuid():n}";
        await client.RunOrThrowAsync(["sh", "-c", string.Create(CultureInfo.InvariantCulture,
            $"""
            mkdir {folder}
            setsid busybox ping -i {intervalMs / 1000d} {address} > {folder}/pings 2>&1 < /dev/null & echo $! > {folder}/pid
            """)]);
        return new PingTrain(client, folder, intervalMs);
    }

    /// <summary>The times without an answer so far, in milliseconds, the longest first; they come in steps of the interval.</summary>
    /// <exception cref="IOException">No ping was answered.</exception>
    public async Task<IReadOnlyList<int>> ReadSilencesAsync()
    {
        var answered = (await _client.RunOrThrowAsync(["cat", $"{_folder}/pings"])).Split('\n')
            .Select(line => line.Split(" seq=")).Where(parts => parts.Length == 2 && parts[1].Contains("time=", StringComparison.Ordinal))
            .Select(parts => int.Parse(parts[1].Split(' ')[0], CultureInfo.InvariantCulture)).Distinct().Order().ToList();
        return answered.Count > 1
            ? [.. answered.Zip(answered.Skip(1), (one, next) => (next - one - 1) * _intervalMs).OrderDescending()]
            : throw new IOException("no ping was answered");
    }

    public async ValueTask DisposeAsync() => await _client.RunAsync(["sh", "-c", $"kill $(cat {_folder}/pid); rm -rf {_folder}"]);
}
