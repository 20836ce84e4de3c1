using System.Collections.Concurrent;

namespace Pulumi.Blanket.Agent.Serving;

/// <summary>How long the agent runs, and what it has under way that it sees to its end before it stops.</summary>
internal sealed class AgentLifetime : IDisposable
{
    private readonly CancellationTokenSource _stopping = new();
    private readonly ConcurrentDictionary<Task, bool> _work = [];

    /// <summary>Cancelled when the agent is told to stop and its work took too long to end.</summary>
    public CancellationToken Stopping => _stopping.Token;

    /// <summary>Work that no longer hangs on its caller.</summary>
    public void Track(Task work)
    {
        _work[work] = true;
        _ = work.ContinueWith(done =>
        {
            _ = done.Exception; // its caller was told, if there still is one
            _work.TryRemove(done, out _);
        }, TaskScheduler.Default);
    }

    /// <summary>Waits for what is under way, at most this long, then cancels it.</summary>
    public async Task EndAsync(TimeSpan patience)
    {
        try
        {
            await Task.WhenAll(_work.Keys).WaitAsync(patience);
        }
        catch (Exception)
        {
            // It failed, which its caller hears, or it has to be cut.
        }

        await _stopping.CancelAsync();
    }

    public void Dispose() => _stopping.Dispose();
}
