using System.Diagnostics;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Pulumi.Blanket.Agent.Machine;
using Pulumi.Blanket.Agent.Timing;
using Pulumi.Blanket.Contract;

namespace Pulumi.Blanket.Agent.Fabrics;

/// <summary>Which members don't answer right now: asked all at once, and kept for a few seconds, since many machines are made at once.</summary>
internal sealed class PeerHealth(FabricStore store, PeerChannels peers) : IDisposable
{
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
            if (_asked == long.MinValue || _silent == former || TimeSpan.FromMilliseconds(Environment.TickCount64 - _asked) > AgentTimeouts.OfProcess.PeerHealthKept)
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
            return await AnswersAsync(facts, peer, cancellationToken) ? null : peer.MachineId;
        }));
        return [.. answers.OfType<string>()];
    }

    /// <summary>Waits for an answer as long as there is a way to the member.</summary>
    private async Task<bool> AnswersAsync(FabricFacts facts, Member peer, CancellationToken cancellationToken)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var ping = PingAsync(facts, peer, end.Token);
        var clock = Stopwatch.StartNew();
        PathJudge judge = new(clock.Elapsed, AgentTimeouts.OfProcess.PeerAnswer);
        while (await Task.WhenAny(ping, Task.Delay(AgentTimeouts.OfProcess.PeerInspection, cancellationToken)) != ping)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (judge.Observe(clock.Elapsed, answers: false, await PeerPath.ReadAsync(peer.MeshAddress, cancellationToken)) == PathState.Dead)
            {
                await end.CancelAsync();
                await ((Task)ping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                return false;
            }
        }

        return await ping;
    }

    private async Task<bool> PingAsync(FabricFacts facts, Member peer, CancellationToken cancellationToken)
    {
        try
        {
            await peers.To(facts, peer).PingAsync(new Empty(), cancellationToken: cancellationToken);
            return true;
        }
        catch (RpcException) when (!cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }
}
