using Grpc.Core;
using Pulumi.Blanket.Agent.Hosts;
using Pulumi.Blanket.Contract;

namespace Pulumi.Blanket.Agent.Fabrics;

/// <summary>A caller may know what the primary changed a moment ago, before this member does: then the primary is asked.</summary>
internal sealed class FactsCatchUp(FabricStore store, PeerChannels peers, FabricMember member)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <param name="facts">As this member knows them.</param>
    /// <param name="isKnown">Whether they have what is needed.</param>
    /// <returns>Facts that are as new as can be had where they had it not, and acted upon.</returns>
    /// <exception cref="AgentException">The host is in no fabric.</exception>
    public async Task<FabricFacts> UntilAsync(FabricFacts? facts, Func<FabricFacts, bool> isKnown, CancellationToken cancellationToken)
    {
        var known = facts ?? throw new AgentException(AgentFault.NotPossible, "this host is in no fabric");
        if (isKnown(known) || known.Primary == MachineFacts.MachineId || known.Members.FirstOrDefault(other => other.MachineId == known.Primary) is not { } primary)
        {
            return known;
        }

        try
        {
            var reply = await peers.To(known, primary).FetchAsync(
                new FetchRequest { FabricId = known.FabricId, Version = known.Version, Term = known.Term }, deadline: DateTime.UtcNow + Patience, cancellationToken: cancellationToken);
            if (reply.Facts is { } newer)
            {
                known = await store.TakeAsync(newer);
                await member.ActAsync(cancellationToken);
            }
        }
        catch (RpcException) when (!cancellationToken.IsCancellationRequested)
        {
            // What is missing is told by whoever needs it.
        }

        return known;
    }
}
