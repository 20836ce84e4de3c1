using Grpc.Core;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Pulumi.Blanket.Agent.Timing;
using Pulumi.Blanket.Libvirt.Errors;

namespace Pulumi.Blanket.Agent.Serving;

/// <summary>
/// The base of what runs for as long as the agent does. Whatever a round throws is logged, and the round is tried again after a growing interval. Nothing but the
/// stopping token ends a loop: a timeout is a cancellation, too, and one that comes out of a round is a failure like any other.
/// </summary>
internal abstract partial class BackgroundLoop(AgentClock clock, ILogger log) : BackgroundService
{
    protected AgentClock Clock { get; } = clock;

    protected AgentTimeouts Timeouts => Clock.Timeouts;

    /// <summary>What a line of the log calls this loop, as the subject of "… failed".</summary>
    protected abstract string Subject { get; }

    protected sealed override Task ExecuteAsync(CancellationToken stoppingToken) => RepeatAsync(
        Subject,
        async token =>
        {
            await RunAsync(token);
            return null;
        },
        stoppingToken);

    /// <summary>The loop itself: one or several <see cref="RepeatAsync"/>. One that throws is begun anew.</summary>
    protected abstract Task RunAsync(CancellationToken stoppingToken);

    /// <summary>Repeats a round until it says that there is no further one, or the agent stops; never throws.</summary>
    /// <param name="subject">What a line of the log calls it, as the subject of "… failed".</param>
    /// <param name="round">Returns how long it is until the next; null where there is none.</param>
    /// <param name="wake">Begins the next round at once.</param>
    /// <param name="longestRetry">What the interval after failures grows to; <see cref="AgentTimeouts.LongestRetry"/> where it is not given.</param>
    protected async Task RepeatAsync(
        string subject, Func<CancellationToken, Task<TimeSpan?>> round, CancellationToken stoppingToken, WakeSignal? wake = null, TimeSpan? longestRetry = null)
    {
        var failures = NewFailureLog();
        var retry = Timeouts.FirstRetry;
        wake ??= new WakeSignal();
        while (!stoppingToken.IsCancellationRequested)
        {
            TimeSpan interval;
            try
            {
                if (await round(stoppingToken) is not { } next)
                {
                    return;
                }

                interval = next;
                retry = Timeouts.FirstRetry;
                if (failures.NoteSuccess())
                {
                    LogRecovered(log, subject);
                }
            }
            catch (Exception) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception fault)
            {
                Log(subject, fault, failures);
                interval = retry;
                retry = Smaller(retry * 2, longestRetry ?? Timeouts.LongestRetry);
            }

            try
            {
                await wake.WaitAsync(interval, Clock.Time, stoppingToken);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    /// <summary>One step of a round that the steps after it don't need.</summary>
    /// <returns>False where it failed, which is logged.</returns>
    protected async Task<bool> TryAsync(string subject, Func<Task> step, FailureLog failures, CancellationToken stoppingToken)
    {
        try
        {
            await step();
            if (failures.NoteSuccess())
            {
                LogRecovered(log, subject);
            }

            return true;
        }
        catch (Exception fault) when (!stoppingToken.IsCancellationRequested)
        {
            Log(subject, fault, failures);
            return false;
        }
    }

    protected FailureLog NewFailureLog() => new(Clock.Time, Timeouts.FirstRepeatedLine, Timeouts.LongestRepeatedLine);

    private void Log(string subject, Exception fault, FailureLog failures)
    {
        if (!failures.Note(fault, out var unsaid))
        {
            return;
        }

        var repeated = unsaid > 0 ? $" ({unsaid} times more since this was logged last)" : "";
        if (fault is AgentException or LibvirtException or IOException or RpcException or OperationCanceledException or UnauthorizedAccessException)
        {
            LogFailed(log, subject, fault is RpcException call ? call.Status.Detail : fault.Message, repeated);
        }
        else
        {
            LogBug(log, subject, repeated, fault);
        }
    }

    private static TimeSpan Smaller(TimeSpan one, TimeSpan other) => one < other ? one : other;
}
