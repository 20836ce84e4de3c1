using System.Diagnostics;
using System.Security.Cryptography;
using Pulumi.Blanket.Lab;
using Pulumi.Blanket.Lab.Tests;
using Pulumi.Blanket.Lab.Tests.Support;
using Pulumi.Blanket.Provider.Ssh;

namespace Pulumi.Blanket.Provider.Tests.Ssh;

[Collection(nameof(SshLab))]
public sealed class StreamTests(SshLab lab, ITestOutputHelper output)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [LabFact]
    public async Task Much_data_goes_both_ways_at_once_and_stays_whole()
    {
        await using var relay = lab.Relay(lab.First);
        await using SshConnections connections = new();
        await using var channel = await (await connections.GetAsync(lab.Target(relay), Token)).OpenChannelAsync("cat", Token);
        var data = new byte[128 * 1024 * 1024];
        Random.Shared.NextBytes(data);
        var watch = Stopwatch.StartNew();
        var writing = Task.Run(async () =>
        {
            await channel.WriteAsync(data, Token);
            channel.CompleteWrites();
        }, Token);

        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[128 * 1024];
        while (await channel.ReadAsync(buffer, Token) is > 0 and var count)
        {
            hash.AppendData(buffer, 0, count);
        }

        await writing;
        output.WriteLine($"{data.Length / 1048576.0 / watch.Elapsed.TotalSeconds:0} MiB/s each way");
        Assert.Equal(SHA256.HashData(data), hash.GetHashAndReset());
    }

    [LabFact]
    public async Task Many_small_round_trips()
    {
        await using var relay = lab.Relay(lab.First);
        await using SshConnections connections = new();
        await using var channel = await (await connections.GetAsync(lab.Target(relay), Token)).OpenChannelAsync("cat", Token);
        List<double> times = [];
        var buffer = new byte[64];
        for (var number = 0; number < 2000; number++)
        {
            var started = Stopwatch.GetTimestamp();
            await channel.WriteAsync(BitConverter.GetBytes(number), Token);
            await channel.ReadExactlyAsync(buffer.AsMemory(0, 4), Token);
            times.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
            Assert.Equal(number, BitConverter.ToInt32(buffer));
        }

        times.Sort();
        output.WriteLine($"round trip: median {times[1000]:0.000} ms, 95th percentile {times[1900]:0.000} ms");
    }

    [LabFact]
    public async Task A_command_that_fails_fails_the_reads_with_what_it_said()
    {
        await using var relay = lab.Relay(lab.First);
        await using SshConnections connections = new();
        await using var channel = await (await connections.GetAsync(lab.Target(relay), Token)).OpenChannelAsync("echo out; echo 'no such thing' >&2; exit 7", Token);
        var buffer = new byte[64];
        Assert.Equal(4, await channel.ReadAtLeastAsync(buffer, 4, cancellationToken: Token));
        var fault = await Assert.ThrowsAsync<SshException>(async () => await channel.ReadExactlyAsync(buffer, Token));
        Assert.Equal(SshFailure.CommandFailed, fault.Failure);
        Assert.Equal(7, fault.ExitStatus);
        Assert.Equal("no such thing", fault.ErrorOutput);
    }

    [LabFact]
    public async Task A_command_that_ends_well_ends_the_stream()
    {
        await using var relay = lab.Relay(lab.First);
        await using SshConnections connections = new();
        await using var channel = await (await connections.GetAsync(lab.Target(relay), Token)).OpenChannelAsync("printf done", Token);
        using StreamReader reader = new(channel);
        Assert.Equal("done", await reader.ReadToEndAsync(Token));
    }

    [LabFact]
    public async Task A_read_can_be_cancelled_and_the_stream_goes_on()
    {
        await using var relay = lab.Relay(lab.First);
        await using SshConnections connections = new();
        await using var channel = await (await connections.GetAsync(lab.Target(relay), Token)).OpenChannelAsync("cat", Token);
        using CancellationTokenSource cancel = new(200);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await channel.ReadExactlyAsync(new byte[1], cancel.Token));
        await channel.WriteAsync("x"u8.ToArray(), Token);
        Assert.Equal(1, await channel.ReadAsync(new byte[8], Token));
    }

    [LabFact]
    public async Task A_host_that_does_not_read_stops_the_writer_until_it_is_cancelled()
    {
        await using var relay = lab.Relay(lab.First);
        await using SshConnections connections = new();
        await using var channel = await (await connections.GetAsync(lab.Target(relay), Token)).OpenChannelAsync("sleep 60", Token);
        using CancellationTokenSource cancel = new(2000);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await channel.WriteAsync(new byte[64 * 1024 * 1024], cancel.Token));
    }

    [LabFact]
    public async Task Disposing_a_stream_ends_a_read_that_waits()
    {
        await using var relay = lab.Relay(lab.First);
        await using SshConnections connections = new();
        var channel = await (await connections.GetAsync(lab.Target(relay), Token)).OpenChannelAsync("cat", Token);
        var reading = channel.ReadExactlyAsync(new byte[1], Token).AsTask();
        await channel.DisposeAsync();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => reading.WaitAsync(TimeSpan.FromSeconds(10), Token));
    }

    [LabFact]
    public async Task Disposing_a_stream_ends_ends_its_command_and_gives_its_place_to_the_next()
    {
        await using var relay = lab.Relay(lab.First);
        await using SshConnections connections = new(new SshOptions { MaxChannels = 2 });
        var connection = await connections.GetAsync(lab.Target(relay), Token);
        for (var round = 0; round < 20; round++)
        {
            await using var channel = await connection.OpenChannelAsync("cat # round", Token);
            await channel.WriteAsync("x"u8.ToArray(), Token);
            Assert.Equal(1, await channel.ReadAsync(new byte[8], Token));
        }

        await Eventually.TrueAsync(async () => (await lab.First.RunAsync(["pgrep", "-x", "cat"])).ExitCode != 0, "no cat runs");
    }
}
