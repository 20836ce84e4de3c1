namespace Pulumi.Blanket.Agent.Fabrics;

/// <summary>Locks that are held for a client's stream and end with it, in the order in which they were asked for.</summary>
internal sealed class FabricLocks
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, LinkedList<(string Holder, TaskCompletionSource Turn)>> _queues = [];

    /// <param name="waiting">Told who holds the lock, when somebody else does.</param>
    /// <returns>Ends the hold when disposed.</returns>
    public async Task<IDisposable> HoldAsync(string name, string holder, Func<string, Task> waiting, CancellationToken cancellationToken)
    {
        LinkedListNode<(string Holder, TaskCompletionSource Turn)> place;
        string? ahead = null;
        lock (_lock)
        {
            if (!_queues.TryGetValue(name, out var queue))
            {
                queue = _queues[name] = new();
            }

            ahead = queue.First?.Value.Holder;
            place = queue.AddLast((holder, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)));
            if (ahead is null)
            {
                place.Value.Turn.SetResult();
            }
        }

        Hold hold = new(this, name, place);
        try
        {
            if (ahead is not null)
            {
                await waiting(ahead);
            }

            await place.Value.Turn.Task.WaitAsync(cancellationToken);
            return hold;
        }
        catch
        {
            hold.Dispose();
            throw;
        }
    }

    private void Leave(string name, LinkedListNode<(string Holder, TaskCompletionSource Turn)> place)
    {
        lock (_lock)
        {
            var queue = place.List;
            if (queue is null)
            {
                return;
            }

            queue.Remove(place);
            if (queue.First is { } next)
            {
                next.Value.Turn.TrySetResult();
            }
            else
            {
                _queues.Remove(name);
            }
        }
    }

    private sealed class Hold(FabricLocks locks, string name, LinkedListNode<(string Holder, TaskCompletionSource Turn)> place) : IDisposable
    {
        public void Dispose() => locks.Leave(name, place);
    }
}
