namespace Pulumi.Blanket.Agent.Serving;

/// <summary>Wakes a loop before its interval is over. Several reasons to wake it are one, and it may be woken when it has ended.</summary>
internal sealed class WakeSignal
{
    private readonly Lock _lock = new();
    private TaskCompletionSource _signal = New();

    public void Wake()
    {
        lock (_lock)
        {
            _signal.TrySetResult();
        }
    }

    /// <returns>True when it was woken, false when <paramref name="interval"/> is over.</returns>
    /// <exception cref="OperationCanceledException">By <paramref name="cancellationToken"/> alone.</exception>
    public async Task<bool> WaitAsync(TimeSpan interval, TimeProvider time, CancellationToken cancellationToken)
    {
        Task signal;
        lock (_lock)
        {
            signal = _signal.Task;
        }

        try
        {
            await signal.WaitAsync(interval, time, cancellationToken);
        }
        catch (TimeoutException)
        {
            return false;
        }

        lock (_lock)
        {
            _signal = New();
        }

        return true;
    }

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
