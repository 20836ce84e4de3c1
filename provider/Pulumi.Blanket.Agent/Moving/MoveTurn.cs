namespace Pulumi.Blanket.Agent.Moving;

/// <summary>A move's place among those that leave a host at the same time; given back with the turn, where it was taken.</summary>
internal sealed class MoveTurn(SemaphoreSlim places, ActiveMove move) : IDisposable
{
    private bool _isTaken;

    public async Task TakeAsync()
    {
        if (_isTaken)
        {
            return;
        }

        if (!await places.WaitAsync(0, move.Cancelled))
        {
            move.Say("waiting for other moves from this host");
            await places.WaitAsync(move.Cancelled);
        }

        _isTaken = true;
    }

    public void Dispose()
    {
        if (_isTaken)
        {
            places.Release();
        }
    }
}
