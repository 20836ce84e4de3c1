using Pulumi.Blanket.Agent.Machine;
using Pulumi.Blanket.Agent.Networks;
using Pulumi.Blanket.Agent.Timing;
using Pulumi.Blanket.Contract;

namespace Pulumi.Blanket.Agent.Fabrics;

/// <summary>Makes true on this host what the facts of its fabric say: links, networks, keys of the account, the peers' service. Can be repeated at any time.</summary>
internal sealed class FabricMember(FabricStore store, PeerServer peers, NetworkWatch watch, AgentClock clock) : IDisposable
{
    private readonly SemaphoreSlim _oneAtATime = new(1);
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private FabricFacts? _acted;
    private FabricFacts? _actedLeases;
    private string? _endpoints;
    private Deadline _whole = clock.In(TimeSpan.Zero);
    private volatile bool _isDoubted;
    private bool _hasLeft;

    /// <summary>Done once mesh and networks are up for the first time since the agent started: what machines stand on.</summary>
    public Task Ready => _ready.Task;

    /// <summary>Has the next round make all true again: links may have been changed, which the kernel does not tell.</summary>
    public void Doubt() => _isDoubted = true;

    /// <param name="again">Also where nothing changed since the last time: puts right what others changed on the host. Starts no process and writes nothing where nobody did.</param>
    public async Task ActAsync(CancellationToken cancellationToken, bool again = false)
    {
        await _oneAtATime.WaitAsync(cancellationToken);
        try
        {
            var facts = store.Current;
            if (facts?.Members.FirstOrDefault(member => member.MachineId == MachineFacts.MachineId) is not { } me)
            {
                (_acted, _actedLeases) = (null, null);
                watch.End();
                if (!_hasLeft)
                {
                    await LeaveAsync(cancellationToken);
                    _hasLeft = true;
                }

                return;
            }

            _hasLeft = false;
            var relevant = Relevant(facts);
            var leases = Leases(facts);
            if (!relevant.Equals(_acted) || (again && !await IsIntactAsync(facts, me, cancellationToken)))
            {
                (_acted, _actedLeases) = (null, null);
                await Mesh.ApplyAsync(facts, cancellationToken);
                _endpoints = await Mesh.ResolveAsync(facts, cancellationToken);
                AgentAccount.Authorize(facts.AuthorizedKeys.Select(key => key.PublicKey));
                await peers.StartAsync(facts, me, cancellationToken);
                await OverlayNetworks.ApplyAsync(facts, cancellationToken);
                watch.Begin(facts);
                _isDoubted = false;
                _whole = clock.In(clock.Timeouts.WholeSync);
                (_acted, _actedLeases) = (relevant, leases);
            }
            else if (!leases.Equals(_actedLeases))
            {
                var wasIntact = !watch.HasChanged();
                _actedLeases = null;
                await OverlayNetworks.ApplyLeasesAsync(facts, cancellationToken);
                if (wasIntact)
                {
                    watch.Begin(facts);
                }

                _actedLeases = leases;
            }

            _ready.TrySetResult();
        }
        finally
        {
            _oneAtATime.Release();
        }
    }

    /// <summary>The same for a caller whose own work does not need it done: what fails here, the next round puts right, and tells.</summary>
    public async Task TryActAsync(CancellationToken cancellationToken)
    {
        try
        {
            await ActAsync(cancellationToken);
        }
        catch (Exception fault) when (fault is not OperationCanceledException)
        {
            // As it says.
        }
    }

    public void Dispose() => _oneAtATime.Dispose();

    /// <summary>What can be seen without a process. What changed while everything was made true is not among it, nor links that `wg` changed by hand: for those all is made true again now and then.</summary>
    private async Task<bool> IsIntactAsync(FabricFacts facts, Member me, CancellationToken cancellationToken)
    {
        // Written where somebody else did; nothing happens where it is as it has to be.
        AgentAccount.Authorize(facts.AuthorizedKeys.Select(key => key.PublicKey));
        return !watch.HasChanged()
            && !_whole.IsOver
            && !_isDoubted
            && Mesh.IsIntact()
            && OverlayNetworks.IsIntact(facts, me)
            && await Mesh.ResolveAsync(facts, cancellationToken) == _endpoints;
    }

    /// <summary>In no fabric, or put out of it: known as lost, or removed while this host was away.</summary>
    private async Task LeaveAsync(CancellationToken cancellationToken)
    {
        await peers.StopAsync();
        await OverlayNetworks.RemoveAllAsync(cancellationToken);
        await Mesh.RemoveAsync(cancellationToken);
        if (Directory.Exists(AgentPaths.Home))
        {
            AgentAccount.Authorize([]);
        }
    }

    /// <summary>Who has which address: machines come and go, and nothing else changes with them.</summary>
    private static FabricFacts Leases(FabricFacts facts)
    {
        FabricFacts leases = new();
        leases.Machines.Add(facts.Machines.Where(machine => machine.Leases.Count > 0).Select(machine => new MachineClaim { Name = machine.Name, Leases = { machine.Leases } }));
        return leases;
    }

    /// <summary>What there is to act on beside that.</summary>
    private static FabricFacts Relevant(FabricFacts facts)
    {
        var relevant = facts.Clone();
        relevant.Version = 0;
        relevant.MembershipVersion = 0;
        relevant.Images.Clear();
        relevant.Machines.Clear();
        relevant.Volumes.Clear();
        return relevant;
    }
}
