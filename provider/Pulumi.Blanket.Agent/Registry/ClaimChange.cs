using Pulumi.Blanket.Contract;

namespace Pulumi.Blanket.Agent.Registry;

/// <summary>
/// Who holds which room and which addresses. Pure; the facts that are given are changed. A claim is made before anything of a machine is,
/// so that whoever was cut in between is found again by its URN, wherever that was.
/// </summary>
internal static class ClaimChange
{
    /// <summary>Machines on their way to one member at once, wherever they come from: more only share its link.</summary>
    public const int MostArriving = 2;

    /// <summary>Machines on their way in the whole fabric at once: the primary keeps up with each, and so do the links that several hosts share.</summary>
    public const int MostMoving = 8;

    private const int MostVcpus = 4096;
    private const long MostMib = 1L << 30;
    private const long MostVolumeGib = 1 << 20;

    /// <param name="silent">Machine ids of members that did not answer just now: no choice for a new machine.</param>
    public static MachineClaim ClaimMachine(FabricFacts facts, ClaimMachineRequest request, IReadOnlySet<string> silent, Func<string> makeUuid)
    {
        if (request is not { Vcpus: >= 0 and <= MostVcpus, MemoryMib: >= 0 and <= MostMib, StorageMib: >= 0 and <= MostMib })
        {
            throw new AgentException(AgentFault.BadRequest, $"{request.Name} can't have {request.Vcpus} vCPUs, {request.MemoryMib} MiB of memory and {request.StorageMib} MiB of storage");
        }

        var known = request.Uuid.Length > 0
            ? facts.Machines.FirstOrDefault(claim => claim.Uuid == request.Uuid)
            : facts.Machines.FirstOrDefault(claim => claim.Urn == request.Urn && !request.NamedIds.Contains(claim.Uuid));
        var stays = known is not null && !request.Lost.Contains(known.Member);
        var storage = request.StorageMib + SizeOf(facts, request);
        MachineClaim claim = new()
        {
            Uuid = known?.Uuid ?? (request.Uuid.Length > 0 ? request.Uuid : makeUuid()),
            Urn = request.Urn,
            Name = request.Name,
            Vcpus = request.Vcpus,
            MemoryMib = request.MemoryMib,
            StorageMib = storage,
            Images = { request.Images },
            Volumes = { request.Volumes },
            MovingTo = stays ? known!.MovingTo : "",
            YieldsTo = stays ? known!.YieldsTo : "",
            StandsStill = stays && known!.StandsStill,
        };
        var bound = CheckVolumes(facts, claim);
        var room = stays
            ? Staying(facts, known!, known!.Member, claim)
            : Choose(facts, request.Host.Length > 0 ? request.Host : bound, claim.Uuid, silent, request.Vcpus, request.MemoryMib, storage, byStorage: false);
        if (claim.MovingTo.Length > 0)
        {
            Staying(facts, known!, claim.MovingTo, claim);
        }

        claim.Member = room.Member.MachineId;
        if (bound is not null && room.Name != bound)
        {
            throw new AgentException(AgentFault.NotPossible, $"a volume of {claim.Name} is on {bound}, and the machine is to be on {room.Name}; a volume and its machine are on one member: set `host` to {bound}, or leave it out");
        }

        claim.Leases.Add(LeaseChange.Take(facts, claim.Uuid, claim.Name, request.Nics, known));
        Replace(facts.Machines, known, claim);
        return claim;
    }

    public static VolumeClaim ClaimVolume(FabricFacts facts, ClaimVolumeRequest request, IReadOnlySet<string> silent, Func<string> makeUuid)
    {
        if (request.SizeGib is < 1 or > MostVolumeGib)
        {
            throw new AgentException(AgentFault.BadRequest, $"sizeGiB is {request.SizeGib}; a volume has from 1 to {MostVolumeGib}");
        }

        var known = request.Uuid.Length > 0
            ? facts.Volumes.FirstOrDefault(claim => claim.Uuid == request.Uuid)
            : facts.Volumes.FirstOrDefault(claim => claim.Urn == request.Urn && !request.NamedIds.Contains($"{facts.FabricId}/{claim.Uuid}"));
        VolumeClaim claim = new() { Uuid = known?.Uuid ?? (request.Uuid.Length > 0 ? request.Uuid : makeUuid()), Urn = request.Urn, Name = request.Name, SizeGib = request.SizeGib };
        if (known is not null && !request.Lost.Contains(known.Member))
        {
            claim.Member = known.Member;
            var room = MemberRoom.Of(facts, MemberOf(facts, known.Member), known.Uuid);
            Refuse(claim.Name, room, 0, 0, claim.SizeGib > known.SizeGib ? claim.SizeGib << 10 : 0);
        }
        else
        {
            claim.Member = Choose(facts, request.Host, claim.Uuid, silent, 0, 0, request.SizeGib << 10, byStorage: true).Member.MachineId;
        }

        Replace(facts.Volumes, known, claim);
        return claim;
    }

    /// <summary>Holds the same room on another member, for as long as a move there lasts.</summary>
    public static bool HoldMove(FabricFacts facts, string uuid, string target)
    {
        var claim = facts.Machines.FirstOrDefault(machine => machine.Uuid == uuid) ?? throw new AgentException(AgentFault.NotPossible, $"the fabric {facts.Settings.Name} holds no room for the machine {uuid}; run `pulumi up` once more");
        var room = MemberRoom.Of(facts, MemberOf(facts, target), uuid);
        if (FindAhead(facts, uuid, target) is { Count: > 0 } ahead)
        {
            throw new AgentException(AgentFault.NoRoom, $"{claim.Name} waits until others have arrived: {string.Join(", ", ahead.Select(other => other.Name))}");
        }

        Refuse(claim.Name, room, claim.Vcpus, claim.MemoryMib, StorageOf(facts, claim), AgentFault.NoRoom);
        claim.MovingTo = target;
        return true;
    }

    /// <summary>A machine lets another one have its place before it is elsewhere itself; room is held for it at its target meanwhile. Or, with none, it wants its place again.</summary>
    /// <param name="standsStill">From here on the other one may come.</param>
    /// <exception cref="AgentException">One of the two has such an agreement with a third one, or with the other.</exception>
    public static PlaceState Yield(FabricFacts facts, string uuid, string target, string to, bool standsStill)
    {
        var claim = facts.Machines.FirstOrDefault(machine => machine.Uuid == uuid) ?? throw new AgentException(AgentFault.NotPossible, $"the fabric {facts.Settings.Name} holds no room for the machine {uuid}; run `pulumi up` once more");
        var former = claim.YieldsTo;
        if (to.Length > 0)
        {
            if (facts.Machines.FirstOrDefault(machine => machine.Uuid != uuid && (machine.YieldsTo == to || machine.YieldsTo == uuid || (machine.Uuid == to && machine.YieldsTo.Length > 0))) is { } busy)
            {
                throw new AgentException(AgentFault.NoRoom, $"{claim.Name} waits until {busy.Name} has let another one go first");
            }

            if (FindAhead(facts, uuid, target) is { Count: > 0 } ahead)
            {
                throw new AgentException(AgentFault.NoRoom, $"{claim.Name} waits until others have arrived: {string.Join(", ", ahead.Select(other => other.Name))}");
            }
        }

        claim.MovingTo = to.Length > 0 ? target : "";
        claim.YieldsTo = to;
        claim.StandsStill = standsStill;
        var other = facts.Machines.FirstOrDefault(machine => machine.Uuid == former && (machine.Member == claim.Member || machine.MovingTo == claim.Member));
        if (to.Length > 0 || other is null || LackingFor(facts, claim, MemberRoom.Of(facts, MemberOf(facts, claim.Member), uuid)).Count == 0)
        {
            return PlaceState.Free;
        }

        if (other.Member == claim.Member)
        {
            return PlaceState.Taken;
        }

        (claim.YieldsTo, claim.StandsStill) = (former, true); // until it is known whether that one arrives
        return PlaceState.Pending;
    }

    /// <summary>Machines that have to arrive before another one may set out for a member: too many are on their way there, or in the whole fabric. None: it may.</summary>
    public static IReadOnlyList<MachineClaim> FindAhead(FabricFacts facts, string uuid, string target)
    {
        MachineClaim[] moving = [.. facts.Machines.Where(machine => machine.MovingTo.Length > 0 && machine.Uuid != uuid)];
        MachineClaim[] arriving = [.. moving.Where(machine => machine.MovingTo == target)];
        return arriving.Length >= MostArriving ? arriving : moving.Length >= MostMoving ? moving : [];
    }

    /// <summary>What a machine would lack there, with its volumes.</summary>
    public static IReadOnlyList<string> LackingFor(FabricFacts facts, MachineClaim claim, MemberRoom room)
        => room.Lacking(claim.Vcpus, claim.MemoryMib, StorageOf(facts, claim));

    /// <summary>What a machine brings along to another member: its own disks, and its volumes.</summary>
    public static long StorageOf(FabricFacts facts, MachineClaim claim) => claim.StorageMib + facts.Volumes.Where(volume => claim.Volumes.Contains(volume.Uuid)).Sum(volume => volume.SizeGib << 10);

    /// <summary>A move is over: the machine and its volumes are on that member, and nothing is held elsewhere.</summary>
    /// <returns>False where that was known.</returns>
    public static bool SettleMove(FabricFacts facts, string uuid, string member)
    {
        if (facts.Machines.FirstOrDefault(machine => machine.Uuid == uuid) is not { } claim || (claim.Member == member && claim.MovingTo.Length == 0 && claim.YieldsTo.Length == 0))
        {
            return false;
        }

        claim.Member = member;
        claim.MovingTo = "";
        claim.YieldsTo = "";
        claim.StandsStill = false;
        foreach (var volume in facts.Volumes.Where(volume => claim.Volumes.Contains(volume.Uuid)))
        {
            volume.Member = member;
        }

        return true;
    }

    /// <summary>Which of these a member may give back: what is, or is on its way, there. What another one holds is that one's to say.</summary>
    public static IReadOnlyCollection<string> HeldOn(FabricFacts facts, string member, IEnumerable<string> uuids)
        => [.. uuids.Where(uuid => facts.Machines.Where(claim => claim.Uuid == uuid).All(claim => claim.Member == member || claim.MovingTo == member) && facts.Volumes.Where(claim => claim.Uuid == uuid).All(claim => claim.Member == member || facts.Machines.Any(machine => machine.MovingTo == member && machine.Volumes.Contains(uuid))))];

    /// <returns>False where nothing was held.</returns>
    public static bool Release(FabricFacts facts, IReadOnlyCollection<string> uuids)
    {
        var machines = facts.Machines.Where(claim => uuids.Contains(claim.Uuid)).ToList();
        var volumes = facts.Volumes.Where(claim => uuids.Contains(claim.Uuid)).ToList();
        machines.ForEach(claim => facts.Machines.Remove(claim));
        volumes.ForEach(claim => facts.Volumes.Remove(claim));
        return machines.Count + volumes.Count > 0;
    }

    private static long SizeOf(FabricFacts facts, ClaimMachineRequest request)
    {
        foreach (var sha256 in request.Images)
        {
            var image = ImageChange.Find(facts, sha256);
            if (image.Stored is null)
            {
                throw new AgentException(AgentFault.NotPossible, $"the image {image.Name} is not whole yet on the fabric; run the update of its Image resource first");
            }
        }

        return request.SizedByImages.Sum(sha256 => (ImageChange.Find(facts, sha256).Stored.VirtualSizeBytes + (1 << 20) - 1) >> 20);
    }

    /// <returns>Name of the member that the volumes are on; null without volumes.</returns>
    private static string? CheckVolumes(FabricFacts facts, MachineClaim claim)
    {
        string? bound = null;
        foreach (var uuid in claim.Volumes)
        {
            var volume = facts.Volumes.FirstOrDefault(known => known.Uuid == uuid)
                ?? throw new AgentException(AgentFault.NotPossible, $"the fabric {facts.Settings.Name} has no volume {facts.FabricId}/{uuid}; it may have been deleted: run `pulumi refresh`");
            if (facts.Machines.FirstOrDefault(machine => machine.Uuid != claim.Uuid && machine.Volumes.Contains(uuid)) is { } other)
            {
                throw new AgentException(AgentFault.NotPossible, $"the volume {volume.Name} is used by {other.Name}; a volume is one machine's at a time: take it out of that one's `disks` first");
            }

            var member = MemberOf(facts, volume.Member).Settings.Name;
            if (bound is not null && bound != member)
            {
                throw new AgentException(AgentFault.NotPossible, $"the volumes of {claim.Name} are on different members, {bound} and {member}; a machine and its volumes are on one");
            }

            bound = member;
        }

        return bound;
    }

    /// <summary>On its member it stays; what it wants more has to have room there.</summary>
    private static MemberRoom Staying(FabricFacts facts, MachineClaim known, string member, MachineClaim wanted)
    {
        var room = MemberRoom.Of(facts, MemberOf(facts, member), known.Uuid);
        Refuse(wanted.Name, room, wanted.Vcpus > known.Vcpus ? wanted.Vcpus : 0, wanted.MemoryMib > known.MemoryMib ? wanted.MemoryMib : 0, wanted.StorageMib > known.StorageMib ? wanted.StorageMib : 0);
        return room;
    }

    private static void Refuse(string name, MemberRoom room, long vcpus, long memoryMib, long storageMib, AgentFault fault = AgentFault.NotPossible)
    {
        if (room.Lacking(vcpus, memoryMib, storageMib) is { Count: > 0 } lacking)
        {
            throw new AgentException(fault, $"{name} has no room on {room.Name}: {string.Join(", ", lacking)}; make it smaller, delete or move others, or raise the host's `limit` or `oversubscription`")
            {
                MayPass = lacking.Count == 1 && room.LacksStorage(storageMib),
            };
        }
    }

    private static MemberRoom Choose(
        FabricFacts facts, string? host, string uuid, IReadOnlySet<string> silent, long vcpus, long memoryMib, long storageMib, bool byStorage)
    {
        if (!string.IsNullOrEmpty(host))
        {
            var named = facts.Members.FirstOrDefault(member => member.Settings.Name == host)
                ?? throw new AgentException(AgentFault.NotPossible, $"host is '{host}', which is no member of the fabric {facts.Settings.Name}; its members are {string.Join(", ", facts.Members.Select(member => member.Settings.Name).Order(StringComparer.Ordinal))}");
            if (named.Departing || !named.Settings.Schedulable)
            {
                throw new AgentException(AgentFault.NotPossible, $"host is '{host}', which takes no new machines ({(named.Departing ? "it departs from the fabric" : "its `schedulable` is false")}); name another, or none");
            }

            var only = MemberRoom.Of(facts, named, uuid);
            Refuse("it", only, vcpus, memoryMib, storageMib);
            return only;
        }

        var candidates = facts.Members.Where(member => !member.Departing && member.Settings.Schedulable).ToList();
        var rooms = candidates.Where(member => !silent.Contains(member.MachineId)).Select(member => MemberRoom.Of(facts, member, uuid)).ToList();
        var fitting = rooms.Where(room => room.Lacking(vcpus, memoryMib, storageMib).Count == 0);

        // Where equals are equal, the first in the fabric's order: MaxBy keeps it.
        return (byStorage ? fitting.MaxBy(room => room.StorageMib) : fitting.MaxBy(room => room.MemoryMib))
            ?? throw new AgentException(AgentFault.NotPossible, "no member of the fabric has room: "
                + string.Join("; ", candidates.Select(member => silent.Contains(member.MachineId)
                    ? $"{member.Settings.Name} does not answer"
                    : $"on {member.Settings.Name} {string.Join(", ", MemberRoom.Of(facts, member, uuid).Lacking(vcpus, memoryMib, storageMib))}"))
                + "; make it smaller, add a host, or raise a host's `limit` or `oversubscription`")
            {
                MayPass = rooms.Any(room => room.LacksStorage(storageMib) && room.Lacking(vcpus, memoryMib, storageMib).Count == 1),
            };
    }

    private static Member MemberOf(FabricFacts facts, string machineId)
        => facts.Members.FirstOrDefault(member => member.MachineId == machineId)
            ?? throw new AgentException(AgentFault.NotPossible, $"the machine with the id {machineId} is no member of the fabric {facts.Settings.Name} any more; where it is destroyed for good, say so in the provider's `lostHosts`");

    private static void Replace<T>(Google.Protobuf.Collections.RepeatedField<T> claims, T? known, T claim)
        where T : class
    {
        if (known is null)
        {
            claims.Add(claim);
        }
        else
        {
            claims[claims.IndexOf(known)] = claim;
        }
    }
}
