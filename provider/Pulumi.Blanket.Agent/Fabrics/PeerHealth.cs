using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Pulumi.Blanket.Agent.Hosts;

namespace Pulumi.Blanket.Agent.Fabrics;

/// <summary>Which members don't answer right now: asked all at once, and kept for a few seconds, since many machines are made at once.</summary>
internal sealed class PeerHealth(FabricStore store, PeerChannels peers) : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Kept = TimeSpan.FromSeconds(5);

    private readonly SemaphoreSlim _oneAtATime = new(1);
    private HashSet<string> _silent = [];
    private long _asked = long.MinValue;

    /// <param name="former">An earlier answer that is no longer to do: they are asked again, unless that was done since.</param>
    /// <returns>Machine ids.</returns>
    public async Task<IReadOnlySet<string>> SilentAsync(IReadOnlySet<string>? former = null, CancellationToken cancellationToken = default)
    {
        await _oneAtATime.WaitAsync(cancellationToken);
        try
        {
            if (_asked == long.MinValue || _silent == former || TimeSpan.FromMilliseconds(Environment.TickCount64 - _asked) > Kept)
            {
                _silent = await AskAsync(cancellationToken);
                _asked = Environment.TickCount64;
            }

            return _silent;
        }
        finally
        {
            _oneAtATime.Release();
        }
    }

    public void Dispose() => _oneAtATime.Dispose();

    private async Task<HashSet<string>> AskAsync(CancellationToken cancellationToken)
    {
        if (store.Current is not { } facts)
        {
            return [];
        }

        var answers = await Task.WhenAll(facts.Members.Where(other => other.MachineId != MachineFacts.MachineId).Select(async peer =>
        {
            try
            {
                await peers.To(facts, peer).PingAsync(new Empty(), deadline: DateTime.UtcNow + Patience, cancellationToken: cancellationToken);
                return null;
            }
            catch (RpcException) when (!cancellationToken.IsCancellationRequested)
            {
                return peer.MachineId;
            }
        }));
        return [.. answers.OfType<string>()];
    }
}
