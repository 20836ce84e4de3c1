using Pulumi.Blanket.Agent.Hosts;
using Pulumi.Blanket.Agent.Networks;
using Pulumi.Blanket.Contract;

namespace Pulumi.Blanket.Agent.Fabrics;

/// <summary>Makes true on this host what the facts of its fabric say: links, networks, keys of the account, the peers' service. Can be repeated at any time.</summary>
internal sealed class FabricMember(FabricStore store, PeerServer peers) : IDisposable
{
    private readonly SemaphoreSlim _oneAtATime = new(1);
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private FabricFacts? _acted;
    private FabricFacts? _actedLeases;

    /// <summary>Done once mesh and networks are up for the first time since the agent started: what machines stand on.</summary>
    public Task Ready => _ready.Task;

    /// <param name="again">Also where nothing changed since the last time: puts right what others changed on the host.</param>
    public async Task ActAsync(CancellationToken cancellationToken, bool again = false)
    {
        await _oneAtATime.WaitAsync(cancellationToken);
        try
        {
            var facts = store.Current;
            if (facts?.Members.FirstOrDefault(member => member.MachineId == MachineFacts.MachineId) is not { } me)
            {
                (_acted, _actedLeases) = (null, null);
                await LeaveAsync(cancellationToken);
                return;
            }

            var relevant = Relevant(facts);
            var leases = Leases(facts);
            if (again || !relevant.Equals(_acted))
            {
                (_acted, _actedLeases) = (null, null);
                await Mesh.ApplyAsync(facts, cancellationToken);
                AgentAccount.Authorize(facts.AuthorizedKeys.Select(key => key.PublicKey));
                await peers.StartAsync(facts, me, cancellationToken);
                await OverlayNetworks.ApplyAsync(facts, cancellationToken);
                (_acted, _actedLeases) = (relevant, leases);
            }
            else if (!leases.Equals(_actedLeases))
            {
                _actedLeases = null;
                await OverlayNetworks.ApplyLeasesAsync(facts, cancellationToken);
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
