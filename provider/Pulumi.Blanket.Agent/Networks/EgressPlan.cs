using Pulumi.Blanket.Contract;

namespace Pulumi.Blanket.Agent.Networks;

/// <summary>How what leaves a network goes on from this member. Pure.</summary>
/// <param name="Kind">As the network has it; none where the member to which it is pinned is no member any more.</param>
/// <param name="By">The member to which it is pinned, where that is another one.</param>
/// <param name="IsExit">Whether guests of other members leave by this one.</param>
internal sealed record EgressPlan(Egress Kind, Member? By, bool IsExit)
{
    /// <summary>Whether anything leaves by this member.</summary>
    public bool LeavesHere => Kind != Egress.None && By is null;

    public static EgressPlan Of(FabricFacts facts, NetworkFacts network, Member me) => network.Services switch
    {
        { Egress: Egress.Nat } => new(Egress.Nat, null, false),
        { Egress: Egress.Pinned, EgressMember: var exit } when exit == me.MachineId => new(Egress.Pinned, null, true),
        { Egress: Egress.Pinned, EgressMember: var exit } when facts.Members.FirstOrDefault(member => member.MachineId == exit) is { } other => new(Egress.Pinned, other, false),
        _ => new(Egress.None, null, false),
    };

    /// <summary>Ports of this member that lead into the network, and the address of the guest where each one ends; those whose guest is not there yet are left out.</summary>
    public static IEnumerable<(ExposedPort Port, string Address)> Exposed(FabricFacts facts, NetworkFacts network, Member me)
    {
        foreach (var port in network.Services?.Exposed.Where(port => port.Member == me.MachineId) ?? [])
        {
            var lease = facts.Machines.Where(machine => machine.Name == port.Machine).SelectMany(machine => machine.Leases).FirstOrDefault(lease => lease.Vni == network.Vni);
            if (lease is not null)
            {
                yield return (port, lease.Address);
            }
        }
    }
}
