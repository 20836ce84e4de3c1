using Pulumi.Blanket.Contract;

namespace Pulumi.Blanket.Agent.Registry;

/// <summary>What is left on a member for virtual machines: its capacity, as far as it may be oversubscribed, without what is claimed there or on its way there.</summary>
internal sealed record MemberRoom(Member Member, long Vcpus, long MemoryMib, long StorageMib)
{
    public string Name => Member.Settings.Name;

    /// <param name="except">UUID of a machine or volume whose own claim is not counted, nor what machines that stand still for it have beside their disks.</param>
    public static MemberRoom Of(FabricFacts facts, Member member, string except = "")
    {
        var capacity = member.Capacity ?? new Capacity();
        var machines = facts.Machines.Where(claim => (claim.Member == member.MachineId || claim.MovingTo == member.MachineId) && claim.Uuid != except).ToList();
        var awake = machines.Where(claim => except.Length == 0 || claim.Member != member.MachineId || !claim.StandsStill || claim.YieldsTo != except).ToList();
        var arriving = machines.Where(claim => claim.MovingTo == member.MachineId).SelectMany(claim => claim.Volumes).ToHashSet(StringComparer.Ordinal);
        var volumes = facts.Volumes.Where(claim => (claim.Member == member.MachineId || arriving.Contains(claim.Uuid)) && claim.Uuid != except);
        return new MemberRoom(
            member,
            (long)(capacity.Vcpus * Factor(member.Settings.HasOversubscriptionCpu, member.Settings.OversubscriptionCpu)) - awake.Sum(claim => (long)claim.Vcpus),
            (long)(capacity.MemoryMib * Factor(member.Settings.HasOversubscriptionMemory, member.Settings.OversubscriptionMemory)) - awake.Sum(claim => claim.MemoryMib),
            (capacity.StorageGib << 10) - machines.Sum(claim => claim.StorageMib) - volumes.Sum(claim => claim.SizeGib << 10));
    }

    /// <summary>What a member could ever hold.</summary>
    public static MemberRoom OfEmpty(FabricFacts facts, Member member)
    {
        var empty = facts.Clone();
        empty.Machines.Clear();
        empty.Volumes.Clear();
        return Of(empty, member);
    }

    /// <summary>Why so much has no room here; empty where it has.</summary>
    public IReadOnlyList<string> Lacking(long vcpus, long memoryMib, long storageMib)
    {
        List<string> lacking = [];
        Add(vcpus, Vcpus, "vCPUs");
        Add(memoryMib, MemoryMib, "MiB of memory");
        Add(storageMib, StorageMib, "MiB of storage");
        return lacking;

        void Add(long wanted, long free, string unit)
        {
            if (wanted > free)
            {
                lacking.Add($"{wanted} {unit} are wanted and {Math.Max(0, free)} free");
            }
        }
    }

    /// <summary>Of what it lacks, this alone changes by itself: a file system fills up, and is emptied.</summary>
    public bool LacksStorage(long storageMib) => storageMib > StorageMib;

    private static double Factor(bool isGiven, double factor) => isGiven ? factor : 1;
}
