using Pulumi.Blanket.Contract;
using Pulumi.Blanket.Provider.Errors;

namespace Pulumi.Blanket.Provider.Agents;

/// <content>The way to a VM, wherever it is.</content>
internal sealed partial class FabricSession
{
    /// <summary>A member that is dialled directly has to answer within this time, where another entry already did and leads to it as well.</summary>
    private static readonly TimeSpan DirectLimit = TimeSpan.FromSeconds(2);

    /// <summary>The agent of the member that has a VM.</summary>
    /// <exception cref="ProviderException">Nobody who answers has it.</exception>
    public async Task<AgentClient> FindMachineAgentAsync(string uuid, CancellationToken cancellationToken)
    {
        var directory = await GetDirectoryAsync(cancellationToken);
        if (directory.FindMachine(uuid) is { } claim && directory.Find(claim.Member) is { } member && await FindWayAsync(directory, member, uuid, cancellationToken) is { } agent)
        {
            return agent;
        }

        // It is elsewhere than the entry knows, or is not.
        var search = await FindAsync("", isLook: true, (other, token) => other.FindMachineAsync(uuid, token), cancellationToken);
        return search.Member is { } found
            ? Agent(directory, found)
            : search.IsGone
            ? throw new ProviderException(FailureReason.NotFound, $"the fabric {FabricId} has no VM {uuid}")
            : throw new ProviderException(FailureReason.Unavailable,
                $"no host that answers has the VM {uuid}; these do not answer: {string.Join("; ", search.Silent.Select(fault => fault.Message))}", search.Silent[0]);
    }

    /// <returns>Null where the member does not have it.</returns>
    private async Task<AgentClient?> FindWayAsync(FabricDirectory directory, Member member, string uuid, CancellationToken cancellationToken)
    {
        var direct = Agent(directory, member);
        var relayed = access.For(HostTargets.Of(fabric, directory.Entry, configuration), member.Settings.Name, operationId, member.MachineId);
        if (direct.Target.Identity != relayed.Target.Identity)
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            limit.CancelAfter(DirectLimit);
            try
            {
                return await direct.FindMachineAsync(uuid, limit.Token) is null ? null : direct;
            }
            catch (Exception fault) when (fault is ProviderException or OperationCanceledException && !cancellationToken.IsCancellationRequested)
            {
                // Then by the entry that answered.
            }
        }

        return await relayed.FindMachineAsync(uuid, cancellationToken) is null ? null : relayed;
    }
}
