namespace Pulumi.Blanket.Agent.Machines;

/// <summary>One at a time for each key.</summary>
internal sealed class KeyedLocks
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, (SemaphoreSlim Turn, int Users)> _turns = [];

    /// <returns>Gives the turn on when disposed.</returns>
    public async Task<IDisposable> TakeAsync(string key, CancellationToken cancellationToken)
    {
        SemaphoreSlim turn;
        lock (_lock)
        {
            var entry = _turns.TryGetValue(key, out var known) ? known : (new SemaphoreSlim(1), 0);
            _turns[key] = (entry.Item1, entry.Item2 + 1);
            turn = entry.Item1;
        }

        try
        {
            await turn.WaitAsync(cancellationToken);
            return new Hold(this, key, turn);
        }
        catch
        {
            Leave(key);
            throw;
        }
    }

    private void Leave(string key)
    {
        lock (_lock)
        {
            var (turn, users) = _turns[key];
            if (users > 1)
            {
                _turns[key] = (turn, users - 1);
                return;
            }

            _turns.Remove(key);
            turn.Dispose();
        }
    }

    private sealed class Hold(KeyedLocks locks, string key, SemaphoreSlim turn) : IDisposable
    {
        private int _isGivenBack;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _isGivenBack, 1) == 0)
            {
                turn.Release();
                locks.Leave(key);
            }
        }
    }
}
