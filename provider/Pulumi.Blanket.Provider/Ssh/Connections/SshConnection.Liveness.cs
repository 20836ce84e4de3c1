using System.Diagnostics;
using System.Net.Sockets;
using Renci.SshNet.Common;

namespace Pulumi.Blanket.Provider.Ssh;

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
            await ProbeAsync();
        }

        return IsAlive;
    }

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
                    await ProbeAsync();
                }
            }
        }
        catch (OperationCanceledException)
        {
            // It is lost, and nothing is left to watch.
        }
    }

    private async Task ProbeAsync()
    {
        var started = Stopwatch.GetTimestamp();
        var probe = Blocking.RunAsync(() =>
        {
            using var command = _client.CreateCommand(ProbeCommand);
            command.Execute();
        });
        try
        {
            await probe.WaitAsync(_options.ProbeTimeout, Lost);
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
                MarkLost($"nothing came over it for {Silence.TotalSeconds:0} s", null);
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
