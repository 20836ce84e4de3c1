namespace Pulumi.Blanket.Provider.Operations;

/// <summary>The operations in flight. Cancelling ends those; what comes after begins anew, since a plugin that one debugs serves several runs.</summary>
internal sealed class RunningOperations : IDisposable
{
    private readonly Lock _lock = new();
    private CancellationTokenSource _cancel = new();

    public Operation Begin(string method, CancellationToken clientGone)
    {
        lock (_lock)
        {
            return new Operation(method, clientGone, _cancel.Token);
        }
    }

    /// <summary>Cancels all operations in flight; returns at once.</summary>
    public void Cancel()
    {
        CancellationTokenSource cancelled;
        lock (_lock)
        {
            (cancelled, _cancel) = (_cancel, new CancellationTokenSource());
        }

        // Its handlers may take a while; nobody is to wait for them.
        _ = Task.Run(async () =>
        {
            await cancelled.CancelAsync();
            cancelled.Dispose();
        });
    }

    public void Dispose() => _cancel.Dispose();
}
