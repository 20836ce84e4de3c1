using Pulumi.Blanket.Libvirt;

namespace Pulumi.Blanket.Agent.Machines;

/// <summary>A machine's console that somebody has open.</summary>
internal sealed class OpenConsole(DomainConsole console, Action<OpenConsole> closed) : IAsyncDisposable
{
    private readonly CancellationTokenSource _takenOver = new();

    /// <summary>Cancelled when somebody else takes it over.</summary>
    public CancellationToken TakenOver => _takenOver.Token;

    public DomainConsole Console => console;

    public void GiveUp() => _takenOver.Cancel();

    // The source stays undisposed: who takes over may hold it at this moment.
    public async ValueTask DisposeAsync()
    {
        closed(this);
        await console.DisposeAsync();
    }
}
