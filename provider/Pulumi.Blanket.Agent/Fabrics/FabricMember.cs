using Pulumi.Blanket.Agent.Hosts;

namespace Pulumi.Blanket.Agent.Fabrics;

/// <summary>Makes true on this host what the facts of its fabric say: links, keys of the account, the peers' service. Can be repeated at any time.</summary>
internal sealed class FabricMember(FabricStore store, PeerServer peers) : IDisposable
{
    private readonly SemaphoreSlim _oneAtATime = new(1);

    public async Task ActAsync(CancellationToken cancellationToken)
    {
        await _oneAtATime.WaitAsync(cancellationToken);
        try
        {
            var facts = store.Current;
            if (facts?.Members.FirstOrDefault(member => member.MachineId == MachineFacts.MachineId) is { } me)
            {
                await Mesh.ApplyAsync(facts, cancellationToken);
                AgentAccount.Authorize(facts.AuthorizedKeys.Select(key => key.PublicKey));
                await peers.StartAsync(facts, me, cancellationToken);
                return;
            }

            // In none, or put out of it: known as lost, or removed while this host was away.
            await peers.StopAsync();
            await Mesh.RemoveAsync(cancellationToken);
            if (Directory.Exists(AgentPaths.Home))
            {
                AgentAccount.Authorize([]);
            }
        }
        finally
        {
            _oneAtATime.Release();
        }
    }

    public void Dispose() => _oneAtATime.Dispose();
}
