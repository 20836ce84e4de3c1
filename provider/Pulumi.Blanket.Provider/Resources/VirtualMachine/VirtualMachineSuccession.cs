using Pulumi.Blanket.Contract;

namespace Pulumi.Blanket.Provider;

/// <summary>
/// What a new VM has to settle with those of the same URN that the engine knows already: it takes the place of one that lives, which is marked so, or follows one that is gone, whose
/// room and addresses are free then.
/// </summary>
internal sealed class VirtualMachineSuccession(FabricSession session, OperationContext context)
{
    public async Task SettleAsync(CancellationToken cancellationToken)
    {
        var known = FabricItemId.KeysOf(context.NamedIds, session.FabricId).ToHashSet(StringComparer.Ordinal);
        if (known.Count == 0)
        {
            return;
        }

        foreach (var claim in (await session.GetDirectoryAsync(cancellationToken)).Facts.Machines.Where(claim => claim.Urn == context.Urn && known.Contains(claim.Uuid)).ToList())
        {
            await SettleAsync(claim, cancellationToken);
        }
    }

    private async Task SettleAsync(MachineClaim claim, CancellationToken cancellationToken)
    {
        var location = (await session.GetDirectoryAsync(cancellationToken)).NameOf(claim.Member);
        var search = await session.FindAsync(location, (agent, token) => agent.FindMachineAsync(claim.Uuid, token), cancellationToken);
        if (search is { Found: not null, Member: { } member })
        {
            await (await session.AgentAsync(member.MachineId, cancellationToken)).RetireMachineAsync(claim.Uuid, cancellationToken);
        }
        else if (search.IsGone)
        {
            await session.ChangeAsync(primary => primary.ReleaseClaimAsync(claim.Uuid, cancellationToken), cancellationToken);
        }
        else
        {
            throw new ProviderException(FailureReason.Unavailable,
                $"{string.Join("; ", search.Silent.Select(fault => fault.Message))}; the VM {claim.Name} ({claim.Uuid}), whose place the new one takes, may be there; nothing was changed; {LostHosts.Remedy}");
        }
    }
}
