using Pulumi.Blanket.Provider.Errors;
using Pulumi.Blanket.Provider.Operations;

namespace Pulumi.Blanket.Provider.Agents;

/// <summary>Work of an agent that goes on when nobody follows it, and is ended by a call of its own.</summary>
internal static class LongWork
{
    /// <summary>The first call may come before the agent has begun.</summary>
    private static readonly TimeSpan CancelPause = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Follows the work to its end. Where that is cancelled the agent is told so, until the work has ended: by that, or as it would have.
    /// </summary>
    /// <param name="follow">With a token that only ends the following, where the agent can't be told.</param>
    /// <param name="cancel">Tells the agent; none going on is no failure.</param>
    /// <param name="what">For the warning that it goes on.</param>
    /// <returns>What the work came to, also where that was cancelled too late.</returns>
    /// <exception cref="OperationCanceledException">It was cancelled, and did not come to its end.</exception>
    public static async Task<T> FollowAsync<T>(
        Func<CancellationToken, Task<T>> follow, Func<CancellationToken, Task> cancel, string what, OperationLog log, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        using CancellationTokenSource end = new();
        var cancelling = Task.CompletedTask;
        await using var registration = cancellationToken.Register(() => cancelling = CancelAsync(cancel, what, log, end));
        try
        {
            return await follow(end.Token);
        }
        catch (Exception fault) when (cancellationToken.IsCancellationRequested && fault is ProviderException or OperationCanceledException)
        {
            log.Info(fault.Message);
            throw new OperationCanceledException(fault.Message, fault, cancellationToken);
        }
        finally
        {
            await end.CancelAsync();
            await cancelling;
        }
    }

    private static async Task CancelAsync(Func<CancellationToken, Task> cancel, string what, OperationLog log, CancellationTokenSource end)
    {
        while (!end.IsCancellationRequested)
        {
            using CancellationTokenSource limit = new(AgentClient.LookLimit);
            try
            {
                await cancel(limit.Token);
            }
            catch (Exception fault) when (fault is ProviderException or OperationCanceledException)
            {
                log.Warning($"{what} could not be cancelled, and goes on: {fault.Message}");
                await end.CancelAsync();
            }

            await Task.Delay(CancelPause, end.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
