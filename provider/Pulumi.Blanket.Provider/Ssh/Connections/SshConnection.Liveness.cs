using System.Diagnostics;
using System.Net.Sockets;
using Pulumi.Blanket.Provider.Ssh.Channels;
using Renci.SshNet.Common;

namespace Pulumi.Blanket.Provider.Ssh.Connections;

/// <content>Whether anybody is still there: the library does not notice a dead link by itself.</content>
public sealed partial class SshConnection
{
    private static readonly TimeSpan WatchPeriod = TimeSpan.FromMilliseconds(500);

    // Any command does, since any answer does. On a fabric's account it is the agent's that runs, and ends at once.
    private const string ProbeCommand = "true";

    private int _inFlight;
    private long _lastSign;

    private TimeSpan Silence => Stopwatch.GetElapsedTime(Volatile.Read(ref _lastSign));

    /// <summary>Makes sure that a connection that was idle for long is still one: machines sleep, and firewalls forget.</summary>
    internal async Task<bool> IsUsableAsync()
    {
        if (IsAlive && Silence > _options.IdleTrust)
        {
            // Nothing is under way, so that nothing is lost with a connection to a host that is only slow.
            await ProbeAsync(TimeSpan.Zero);
        }

        return IsAlive;
    }

    /// <summary>Whether what is sent to the host is acknowledged.</summary>
    internal PathState ReadPath() => _path.Read();

    internal void NoteSignOfLife() => Volatile.Write(ref _lastSign, Stopwatch.GetTimestamp());

    private async Task WatchAsync()
    {
        using PeriodicTimer timer = new(WatchPeriod);
        try
        {
            while (await timer.WaitForNextTickAsync(Lost))
            {
                if (!_client.IsConnected)
                {
                    MarkLost("the host closed it", null);
                }
                else if (Volatile.Read(ref _inFlight) > 0 && Silence > _options.ProbeAfter)
                {
                    await ProbeAsync(_options.SilenceLimit);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // It is lost, and nothing is left to watch.
        }
    }

    /// <param name="silenceLimit">How long a host that acknowledges what is sent may be silent.</param>
    private async Task ProbeAsync(TimeSpan silenceLimit)
    {
        var started = Stopwatch.GetTimestamp();
        var probe = Blocking.RunAsync(() =>
        {
            using var command = _client.CreateCommand(ProbeCommand);
            command.Execute();
        });
        try
        {
            await WaitAsync(probe, started, silenceLimit);
            NoteSignOfLife();
        }
        catch (OperationCanceledException)
        {
            // Lost meanwhile.
        }
        catch (TimeoutException)
        {
            // Something else may have answered meanwhile.
            if (Silence >= Stopwatch.GetElapsedTime(started))
            {
                MarkLost($"nothing came over it for {Silence.TotalSeconds:0} s{(ReadPath() switch
                {
                    PathState.Dead => ", and nothing that was sent is acknowledged: the link is dead",
                    PathState.Acknowledging => ", though the host is there",
                    _ => "",
                })}", null);
            }

            _ = probe.ContinueWith(static late => _ = late.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
        }
        catch (Exception fault) when (fault is SshConnectionException or SocketException or IOException or ObjectDisposedException)
        {
            MarkLost(fault.Message, fault);
        }
        catch (Renci.SshNet.Common.SshException)
        {
            // A refusal is an answer.
            NoteSignOfLife();
        }
    }

    /// <exception cref="TimeoutException">The sign of life does not come, and the link is dead, or the host was silent for too long.</exception>
    private async Task WaitAsync(Task probe, long started, TimeSpan silenceLimit)
    {
        while (true)
        {
            try
            {
                await probe.WaitAsync(_options.ProbeTimeout, Lost);
                return;
            }
            catch (TimeoutException) when (Silence >= Stopwatch.GetElapsedTime(started) && Silence < silenceLimit && ReadPath() == PathState.Acknowledging)
            {
                // The host is slow.
            }
        }
    }

    private sealed class Flight : IDisposable
    {
        private SshConnection? _connection;

        public Flight(SshConnection connection)
        {
            _connection = connection;
            // Silence from before something was asked for says nothing.
            if (Interlocked.Increment(ref connection._inFlight) == 1)
            {
                connection.NoteSignOfLife();
            }
        }

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _connection, null) is { } connection)
            {
                Interlocked.Decrement(ref connection._inFlight);
            }
        }
    }
}
