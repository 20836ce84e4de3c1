using Pulumi.Blanket.Agent.Timing;
using Pulumi.Blanket.Libvirt.Domains;

namespace Pulumi.Blanket.Agent.Machines;

/// <summary>A machine's console that somebody has open.</summary>
internal sealed class OpenConsole(DomainConsole console, Action<OpenConsole> closed) : IAsyncDisposable
{
    private readonly CancellationTokenSource _takenOver = new();
    private readonly TaskCompletionSource _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Cancelled when somebody else takes it over.</summary>
    public CancellationToken TakenOver => _takenOver.Token;

    public DomainConsole Console => console;

    /// <summary>Has its caller leave, and waits until it has, for a while.</summary>
    public async Task GiveUpAsync()
    {
        await _takenOver.CancelAsync();
        await _closed.Task.WaitAsync(AgentTimeouts.OfProcess.ConsoleLeave).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    // The source stays undisposed: who takes over may hold it at this moment.
    public async ValueTask DisposeAsync()
    {
        closed(this);
        await console.DisposeAsync();
        _closed.TrySetResult();
    }
}
