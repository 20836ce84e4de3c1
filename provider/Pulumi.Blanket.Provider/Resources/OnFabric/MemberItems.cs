using Pulumi.Blanket.Provider.Agents;
using Pulumi.Blanket.Provider.Errors;
using Pulumi.Blanket.Provider.Operations;

namespace Pulumi.Blanket.Provider.Resources.OnFabric;

/// <summary>What all resources have in common that one member of a fabric has: virtual machines and volumes.</summary>
internal static class MemberItems
{
    /// <summary>What was found, or null for what is gone for certain.</summary>
    /// <exception cref="ProviderException">Who did not answer may have it.</exception>
    public static T? FoundOrGone<T>(this MemberSearch<T> search)
        where T : class
        => search.Found is not null || search.Silent.Count == 0
            ? search.Found
            : throw new ProviderException(search.Silent[0].Reason, string.Join("; ", search.Silent.Select(fault => fault.Message)), search.Silent[0]);

    /// <summary>
    /// Settles what a new one owes to those of the same URN that the engine knows already: one that lives is told that it has a successor, and what one that is gone held is given
    /// back, so that the new one may have the same addresses.
    /// </summary>
    /// <param name="former">Those of the URN that hold something.</param>
    /// <param name="retire">Null where one that lives needs to be told nothing.</param>
    public static async Task SettleFormerAsync<T>(
        FabricSession session, OperationContext context, Func<FabricDirectory, IEnumerable<(string Uuid, string Name, string Member)>> former,
        Func<AgentClient, string, CancellationToken, Task<T?>> look, Func<AgentClient, string, Task>? retire, CancellationToken cancellationToken)
        where T : class
    {
        var known = FabricItemId.KeysOf(context.NamedIds, session.FabricId).ToHashSet(StringComparer.Ordinal);
        if (known.Count == 0)
        {
            return;
        }

        var directory = await session.GetDirectoryAsync(cancellationToken);
        foreach (var (uuid, name, member) in former(directory).Where(claim => known.Contains(claim.Uuid)).ToList())
        {
            var search = await session.FindAsync(directory.NameOf(member), isLook: false, (agent, token) => look(agent, uuid, token), cancellationToken);
            if (search.IsGone)
            {
                await session.ChangeAsync(primary => primary.ReleaseClaimAsync(uuid, cancellationToken), cancellationToken);
            }
            else if (retire is not null)
            {
                var where = search.Member ?? throw new ProviderException(FailureReason.Unavailable,
                    $"{string.Join("; ", search.Silent.Select(fault => fault.Message))}; {name} ({uuid}), whose place the new one takes, may be there; nothing was changed; {LostHosts.Remedy}");
                await retire(await session.AgentAsync(where.MachineId, cancellationToken), uuid);
            }
        }
    }

    /// <summary>Deletes it where it is. Where nobody has it any more, what it holds is given back.</summary>
    public static async Task DeleteAsync<T>(
        FabricSession session, OperationContext context, string uuid, string location, Func<AgentClient, CancellationToken, Task<T?>> look, Func<AgentClient, Task> delete,
        CancellationToken cancellationToken)
        where T : class
    {
        var isLost = LostHosts.Has(context.Configuration, location, location);
        MemberSearch<T> search;
        try
        {
            search = await session.FindAsync(location, isLook: false, look, cancellationToken);
        }
        catch (ProviderException fault) when (isLost && fault.Reason is not (FailureReason.Bug or FailureReason.BadInput))
        {
            // The user's word is enough, whoever else is silent.
            search = new(null, null, [fault]);
        }

        if (search is { Found: not null, Member: { } member })
        {
            await delete(await session.AgentAsync(member.MachineId, cancellationToken));
        }
        else if (!search.IsGone)
        {
            var silence = string.Join("; ", search.Silent.Select(fault => fault.Message));
            if (!isLost)
            {
                throw new ProviderException(FailureReason.Unavailable, $"{silence}; nothing was changed; {LostHosts.Remedy}");
            }

            context.Log.Warning($"{silence}; it was on {location}, which is lost, and so it counts as gone");
        }

        try
        {
            // Whoever deleted it tells the primary, too, in its own time; but the network, image or address may be wanted by the very next operation.
            await session.ChangeAsync(primary => primary.ReleaseClaimAsync(uuid, cancellationToken), cancellationToken);
        }
        catch (ProviderException fault) when (fault.Reason != FailureReason.Bug)
        {
            if (search.Found is null)
            {
                context.Log.Warning($"it is gone, and what it held in the fabric is still held: {fault.Message}");
            }
        }
    }
}
