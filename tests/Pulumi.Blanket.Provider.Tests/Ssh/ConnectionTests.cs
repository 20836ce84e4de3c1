using System.Diagnostics;
using Pulumi.Blanket.Lab;
using Pulumi.Blanket.Lab.Hosts;
using Pulumi.Blanket.Lab.Tests;
using Pulumi.Blanket.Lab.Tests.Support;
using Pulumi.Blanket.Provider.Ssh;

namespace Pulumi.Blanket.Provider.Tests.Ssh;

[Collection(nameof(SshLab))]
public sealed class ConnectionTests(SshLab lab)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [LabFact]
    public async Task A_command_gives_exit_status_output_and_error()
    {
        await using var relay = lab.Relay(lab.First);
        await using SshConnections connections = new();
        var connection = await connections.GetAsync(lab.Target(relay), Token);

        var result = await connection.RunAsync("cat; echo said >&2; exit 3", "typed"u8.ToArray(), Token);

        Assert.Equal(3, result.ExitStatus);
        Assert.Equal("typed", result.Text);
        Assert.Equal("said\n", result.Error);
        var fault = await Assert.ThrowsAsync<SshException>(() => connection.RunOrThrowAsync("echo why >&2; exit 4", null, Token));
        Assert.Equal(SshFailure.CommandFailed, fault.Failure);
        Assert.Equal(4, fault.ExitStatus);
        Assert.Contains("why", fault.Message, StringComparison.Ordinal);
        Assert.Contains($"root@127.0.0.1:{relay.Port}", fault.Message, StringComparison.Ordinal);
    }

    [LabFact]
    public async Task Output_is_bounded()
    {
        await using var relay = lab.Relay(lab.First);
        await using SshConnections connections = new(new SshOptions { MaxOutputBytes = 1000 });
        var connection = await connections.GetAsync(lab.Target(relay), Token);
        var result = await connection.RunAsync("head -c 5000000 /dev/zero", null, Token);
        Assert.Equal(0, result.ExitStatus);
        Assert.Equal(1000, result.Output.Length);
        Assert.True(result.IsTruncated);
    }

    [LabFact]
    public async Task A_hundred_users_share_one_connection()
    {
        await using var relay = lab.Relay(lab.First);
        await using SshConnections connections = new();
        var target = lab.Target(relay);
        var answers = await Task.WhenAll(Enumerable.Range(0, 100).Select(async number =>
        {
            var connection = await connections.GetAsync(target, Token);
            return (await connection.RunAsync($"echo {number}", null, Token)).Text;
        }));
        Assert.Equal(Enumerable.Range(0, 100).Select(number => $"{number}\n"), answers);
        Assert.Equal(1, relay.Accepted);
    }

    [LabFact]
    public async Task A_lost_connection_is_noticed_and_made_anew()
    {
        await using var relay = lab.Relay(lab.First);
        await using SshConnections connections = new();
        var first = await connections.GetAsync(lab.Target(relay), Token);
        var running = first.RunAsync("sleep 60", null, Token);
        await Task.Delay(200, Token);

        relay.Cut();

        var fault = await Assert.ThrowsAsync<SshException>(() => running);
        Assert.Equal(SshFailure.ConnectionLost, fault.Failure);
        var second = await connections.GetAsync(lab.Target(relay), Token);
        Assert.Equal("again\n", (await second.RunAsync("echo again", null, Token)).Text);
    }

    [LabFact]
    public async Task When_sshd_is_killed_the_next_use_connects_again()
    {
        await using var relay = lab.Relay(lab.Second);
        await using SshConnections connections = new();
        var running = (await connections.GetAsync(lab.Target(relay), Token)).RunAsync("sleep 60", null, Token);
        await Task.Delay(200, Token);

        await lab.Second.KillAsync(FaultTarget.Sshd, Token);

        Assert.Equal(SshFailure.ConnectionLost, (await Assert.ThrowsAsync<SshException>(() => running)).Failure);
        var next = await connections.GetAsync(lab.Target(relay), Token);
        Assert.Equal(0, (await next.RunAsync("true", null, Token)).ExitStatus);
    }

    [LabFact]
    public async Task A_dead_link_is_noticed_while_something_is_in_flight()
    {
        // The relay's kernel goes on acknowledging, so that the host is only slow: for as long as that may be.
        await using var relay = lab.Relay(lab.First);
        await using SshConnections connections = new(new SshOptions { SilenceLimit = TimeSpan.FromSeconds(3) });
        var connection = await connections.GetAsync(lab.Target(relay), Token);
        var channel = await connection.OpenChannelAsync("cat", Token);
        var running = connection.RunAsync("sleep 60", null, Token);
        await Task.Delay(200, Token);

        relay.Freeze();
        var watch = Stopwatch.StartNew();

        Assert.Equal(SshFailure.ConnectionLost, (await Assert.ThrowsAsync<SshException>(() => running)).Failure);
        Assert.Equal(SshFailure.ConnectionLost, (await Assert.ThrowsAsync<SshException>(async () => await channel.ReadExactlyAsync(new byte[1], Token))).Failure);
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(20), $"noticed after {watch.Elapsed.TotalSeconds} s");
        relay.Thaw();
        var next = await connections.GetAsync(lab.Target(relay), Token);
        Assert.NotSame(connection, next);
    }

    [LabFact]
    public async Task After_idleness_a_live_connection_is_used_again_and_a_dead_one_made_anew()
    {
        var trust = TimeSpan.FromMilliseconds(500);
        await using var relay = lab.Relay(lab.First);
        await using SshConnections connections = new(new SshOptions { IdleTrust = trust, ProbeTimeout = TimeSpan.FromSeconds(3) });
        var connection = await connections.GetAsync(lab.Target(relay), Token);
        await Task.Delay(trust * 2, Token);
        Assert.Same(connection, await connections.GetAsync(lab.Target(relay), Token));

        await Task.Delay(trust * 2, Token);
        relay.Freeze();
        var next = connections.GetAsync(lab.Target(relay), Token);
        await Eventually.TrueAsync(() => Task.FromResult(connection.Lost.IsCancellationRequested), "the dead link is noticed");
        relay.Thaw();
        Assert.NotSame(connection, await next);
    }

    [LabFact]
    public async Task A_long_command_that_says_nothing_is_no_dead_link()
    {
        await using var relay = lab.Relay(lab.First);
        await using SshConnections connections = new(new SshOptions { ProbeAfter = TimeSpan.FromMilliseconds(500), ProbeTimeout = TimeSpan.FromSeconds(3) });
        var connection = await connections.GetAsync(lab.Target(relay), Token);
        Assert.Equal(0, (await connection.RunAsync("sleep 5", null, Token)).ExitStatus);
        Assert.True(connection.IsAlive);
    }

    [LabFact]
    public async Task A_host_whose_kernel_acknowledges_is_slow_and_not_gone()
    {
        await using var relay = lab.Relay(lab.First);
        await using SshConnections connections = new(new SshOptions { ProbeAfter = TimeSpan.FromMilliseconds(500), ProbeTimeout = TimeSpan.FromSeconds(1) });
        var connection = await connections.GetAsync(lab.Target(relay), Token);
        var running = connection.RunAsync("echo there", null, Token);
        relay.Freeze();
        await Task.Delay(TimeSpan.FromSeconds(5), Token); // three times as long as is waited where nothing is known of the way
        Assert.True(connection.IsAlive);
        relay.Thaw();
        Assert.Equal(0, (await running).ExitStatus);
    }

    [LabFact]
    public async Task A_dead_link_at_the_start_ends_within_the_limit()
    {
        await using var relay = lab.Relay(lab.First);
        relay.Freeze();
        await using SshConnections connections = new(new SshOptions { ConnectTimeout = TimeSpan.FromSeconds(2) });
        var watch = Stopwatch.StartNew();
        var fault = await Assert.ThrowsAsync<SshException>(() => connections.GetAsync(lab.Target(relay), Token));
        Assert.Equal(SshFailure.TimedOut, fault.Failure);
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(10));
    }

    [LabFact]
    public async Task Refused_connections_are_tried_again_until_they_are_taken()
    {
        await using var relay = lab.Relay(lab.First);
        relay.Refuses = true;
        await using SshConnections connections = new();
        var connecting = connections.GetAsync(lab.Target(relay), Token);
        await Task.Delay(500, Token);
        relay.Refuses = false;
        Assert.True((await connecting).IsAlive);
    }

    [Fact]
    public async Task Refused_connections_fail_at_the_limit_and_say_so()
    {
        await using SshConnections connections = new(new SshOptions { ConnectTimeout = TimeSpan.FromSeconds(1) });
        SshTarget target = new("127.0.0.1") { Port = 1, Credentials = new SshCredentials { Password = "Pa55-secret" } };
        var fault = await Assert.ThrowsAsync<SshException>(() => connections.GetAsync(target, Token));
        Assert.Equal(SshFailure.Unreachable, fault.Failure);
        Assert.Contains("root@127.0.0.1:1", fault.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("Pa55-secret", fault.ToString(), StringComparison.Ordinal);
    }

    [LabFact]
    public async Task A_cancelled_command_loses_its_channel_and_nothing_else()
    {
        await using var relay = lab.Relay(lab.First);
        await using SshConnections connections = new();
        var connection = await connections.GetAsync(lab.Target(relay), Token);
        using CancellationTokenSource cancel = new();
        var running = connection.RunAsync("tee /tmp/cancelled-command", null, cancel.Token);
        await Eventually.TrueAsync(async () => (await lab.First.RunAsync(["pgrep", "-f", "^tee /tmp/cancelled-command"])).ExitCode == 0, "it runs");
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
        await Eventually.TrueAsync(async () => (await lab.First.RunAsync(["pgrep", "-f", "^tee /tmp/cancelled-command"])).ExitCode != 0, "it is gone");
        Assert.Equal(0, (await connection.RunAsync("true", null, Token)).ExitStatus);
    }

    [LabFact]
    public async Task Disposing_ends_what_is_in_flight_and_the_connection()
    {
        await using var relay = lab.Relay(lab.First);
        SshConnections connections = new();
        var connection = await connections.GetAsync(lab.Target(relay), Token);
        var running = connection.RunAsync("sleep 60", null, Token);
        await connections.DisposeAsync();
        Assert.Equal(SshFailure.ConnectionLost, (await Assert.ThrowsAsync<SshException>(() => running)).Failure);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => connections.GetAsync(lab.Target(relay), Token));
    }
}
