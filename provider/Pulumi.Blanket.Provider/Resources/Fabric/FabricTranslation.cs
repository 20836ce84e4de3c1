using Pulumi.Blanket.Contract;
using Pulumi.Blanket.Provider.Resources.Host;

namespace Pulumi.Blanket.Provider.Resources.Fabric;

/// <summary>From the agents' facts to the resource's records.</summary>
internal static class FabricTranslation
{
    private const int MaxEntries = 3;

    /// <param name="known">Ways to hosts that are or were members.</param>
    /// <param name="status">Of a member, by machine id, where it is not told by the facts.</param>
    public static FabricOutputs ToOutputs(FabricFacts facts, FabricConnection connection, IEnumerable<HostConnection> known, IReadOnlyDictionary<string, string> status) => new()
    {
        Connection = connection,
        Departing = known.DistinctBy(host => host.MachineId).Where(host => facts.Members.Any(member => member.Departing && member.MachineId == host.MachineId)).ToList() is { Count: > 0 } departing
            ? departing
            : null,
        Inventory = facts.Members.Where(member => !member.Departing).ToDictionary(member => member.Settings.Name, member => ToEntry(member, facts.Settings.Layer)),
        Members =
        [
            .. facts.Members.Select(member => new FabricMember
            {
                Name = member.Settings.Name,
                MachineId = member.MachineId,
                MeshAddress = member.MeshAddress,
                Status = status.GetValueOrDefault(member.MachineId) ?? (member.Departing ? FabricMember.Departing : FabricMember.Active),
            }),
        ],
        CpuModel = facts.Settings.CpuModel,
        MachineType = facts.Settings.MachineType,
    };

    /// <summary>Members to enter by: those that are reached without going through others first.</summary>
    public static IReadOnlyList<FabricEntry> Entries(FabricFacts facts, IEnumerable<HostConnection> hosts)
    {
        var known = hosts.DistinctBy(host => host.MachineId).ToDictionary(host => host.MachineId);
        var ways = facts.Members.Where(member => !member.Departing).Select(member => (Member: member, Host: known.GetValueOrDefault(member.MachineId))).ToList();

        // One behind others is reached through those that are not, over the mesh: whoever has the connection need not be let in by a jump host.
        var direct = ways.Where(pair => pair.Host?.ProxyJump is not { Count: > 0 }).ToList();
        return
        [
            .. (direct.Count > 0 ? direct : ways).Take(MaxEntries)
                .Select(pair => new FabricEntry
                {
                    Address = pair.Host?.Address ?? pair.Member.Settings.Address,
                    Port = pair.Host?.Port ?? pair.Member.Settings.Port,
                    HostKey = pair.Host?.HostKey ?? pair.Member.SshHostKey,
                    ProxyJump = pair.Host?.ProxyJump is { Count: > 0 } jumps ? [.. jumps.Select(jump => jump with { User = jump.User ?? pair.Host.User })] : null,
                }),
        ];
    }

    /// <summary>A member as an import writes it into a program: who it is and where, without credentials.</summary>
    public static HostConnection ToConnection(Member member) => new()
    {
        MachineId = member.MachineId,
        Name = member.Settings.Name,
        Address = member.Settings.Address,
        Port = member.Settings.Port,
        User = member.Settings.User.Length > 0 ? member.Settings.User : "root",
        HostKey = member.SshHostKey.Length > 0 ? member.SshHostKey : null,
    };

    private static InventoryEntry ToEntry(Member member, Layer layer) => new()
    {
        MachineId = member.MachineId,
        Capacity = HostTranslation.ToCapacity(member.Capacity),
        Oversubscription = member.Settings.HasOversubscriptionCpu
            ? new Oversubscription { Cpu = member.Settings.OversubscriptionCpu, Memory = member.Settings.OversubscriptionMemory, Ksm = member.Settings.OversubscriptionKsm }
            : null,
        PricePerHour = member.Settings.HasPricePerHour ? member.Settings.PricePerHour : null,
        Labels = member.Settings.Labels.Count > 0 ? member.Settings.Labels : null,
        Layer = HostTranslation.NameOf(layer),
        Cloud = member.Settings.Cloud.Length > 0 ? member.Settings.Cloud : null,
        Region = member.Settings.Region.Length > 0 ? member.Settings.Region : null,
        Zone = member.Settings.Zone.Length > 0 ? member.Settings.Zone : null,
        Schedulable = member.Settings.Schedulable,
    };
}
