using Grpc.Core;
using Pulumi.Blanket.Agent.Machine;
using Pulumi.Blanket.Agent.Timing;
using Pulumi.Blanket.Contract;

namespace Pulumi.Blanket.Agent.Fabrics;

/// <summary>A caller may know what the primary changed a moment ago, before this member does: then the primary is asked.</summary>
internal sealed class FactsCatchUp(FabricStore store, PeerChannels peers, FabricMember member, AgentClock clock)
{
    /// <summary>The facts with all that a machine needs: its networks, its addresses in them, its images.</summary>
    public Task<FabricFacts> ForMachineAsync(FabricFacts? facts, IReadOnlyCollection<Lease> leases, IReadOnlyCollection<string> images, CancellationToken cancellationToken) => UntilAsync(
        facts, known => HasAllOf(known, leases, images), cancellationToken);

    public static bool HasAllOf(FabricFacts facts, IReadOnlyCollection<Lease> leases, IReadOnlyCollection<string> images)
        => leases.All(lease => facts.Networks.Any(network => network.Vni == lease.Vni) && facts.Machines.Any(machine => machine.Leases.Contains(lease)))
            && images.All(sha256 => facts.Images.Any(image => image.Sha256 == sha256 && image.Stored is not null));

    /// <param name="facts">As this member knows them.</param>
    /// <param name="isKnown">Whether they have what is needed.</param>
    /// <returns>Facts that are as new as can be had where they had it not, and acted upon: the rules for a machine's address are there before the machine is.</returns>
    /// <exception cref="AgentException">The host is in no fabric.</exception>
    public async Task<FabricFacts> UntilAsync(FabricFacts? facts, Func<FabricFacts, bool> isKnown, CancellationToken cancellationToken)
    {
        var known = facts ?? throw new AgentException(AgentFault.NotPossible, "this host is in no fabric");
        if (!isKnown(known) && known.Primary != MachineFacts.MachineId && known.Members.FirstOrDefault(other => other.MachineId == known.Primary) is { } primary)
        {
            known = await AskAsync(known, primary, cancellationToken);
        }

        await member.ActAsync(cancellationToken);
        return known;
    }

    private async Task<FabricFacts> AskAsync(FabricFacts known, Member primary, CancellationToken cancellationToken)
    {
        try
        {
            var reply = await clock.CallAsync(
                limit => peers.To(known, primary).FetchAsync(new FetchRequest { FabricId = known.FabricId, Version = known.Version, Term = known.Term }, cancellationToken: limit), clock.Timeouts.PeerCall, cancellationToken);
            if (reply.Facts is { } newer)
            {
                return await store.CatchUpAsync(newer) ?? throw new AgentException(AgentFault.NotPossible, "this host has left the fabric meanwhile");
            }
        }
        catch (RpcException) when (!cancellationToken.IsCancellationRequested)
        {
            // What is missing is told by whoever needs it.
        }

        return known;
    }
}
