using Pulumi.Blanket.Agent.Registry;
using Pulumi.Blanket.Contract;

namespace Pulumi.Blanket.Agent.Moving;

/// <summary>Where the machines of a host that is emptied go. Pure.</summary>
/// <param name="Targets">Members by the machines' UUIDs.</param>
/// <param name="Homeless">Why there is none for a machine, in words that begin with its name.</param>
internal sealed record DrainPlan(IReadOnlyDictionary<string, Member> Targets, IReadOnlyList<string> Homeless)
{
    /// <summary>
    /// Each machine goes to the host that its owner named, where that is a member with room, else to the member with most room; the largest chooses first. What was chosen before
    /// counts as there, so that all of them fit together.
    /// </summary>
    /// <param name="facts">Not changed.</param>
    /// <param name="machines">With the host that was last fulfilled.</param>
    /// <param name="silent">Machine ids of members that do not answer.</param>
    public static DrainPlan Make(FabricFacts facts, string source, IEnumerable<(string Uuid, string Name, string SettledHost)> machines, IReadOnlySet<string> silent)
    {
        var planned = facts.Clone();
        Dictionary<string, Member> targets = [];
        List<string> homeless = [];
        var candidates = planned.Members.Where(member => member.MachineId != source && !member.Departing && member.Settings.Schedulable && !silent.Contains(member.MachineId)).ToList();
        foreach (var (claim, machine) in machines
            .Select(machine => (Claim: planned.Machines.FirstOrDefault(known => known.Uuid == machine.Uuid), Machine: machine))
            .OrderByDescending(pair => pair.Claim?.MemoryMib).ThenBy(pair => pair.Machine.Uuid, StringComparer.Ordinal))
        {
            if (claim is null)
            {
                homeless.Add($"{machine.Name}, of which the fabric's registry knows nothing: run `pulumi up` for it, or delete it");
                continue;
            }

            var rooms = candidates.Select(member => MemberRoom.Of(planned, member, claim.Uuid)).ToList();
            var fitting = rooms.Where(room => ClaimChange.LackingFor(planned, claim, room).Count == 0).ToList();
            if ((fitting.FirstOrDefault(room => room.Name == machine.SettledHost) ?? fitting.MaxBy(room => room.MemoryMib)) is not { } chosen)
            {
                homeless.Add(rooms.Count == 0
                    ? $"{machine.Name}: no other member takes machines"
                    : $"{machine.Name}: {string.Join("; ", rooms.Select(room => $"on {room.Name} {string.Join(", ", ClaimChange.LackingFor(planned, claim, room))}"))}");
                continue;
            }

            claim.MovingTo = chosen.Member.MachineId;
            targets.Add(claim.Uuid, chosen.Member);
        }

        return new(targets, homeless);
    }
}
