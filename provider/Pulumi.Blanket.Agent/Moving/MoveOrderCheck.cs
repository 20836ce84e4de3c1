using System.Text.RegularExpressions;
using Pulumi.Blanket.Agent.Machines;
using Pulumi.Blanket.Agent.Registry;
using Pulumi.Blanket.Agent.Volumes;
using Pulumi.Blanket.Contract;

namespace Pulumi.Blanket.Agent.Moving;

/// <summary>
/// Whether an order that another member gives is one of a move to here, of a VM of this fabric. Files are made and removed as it says, so each path in it has to be the one that this
/// member would give the file itself. Pure.
/// </summary>
internal static partial class MoveOrderCheck
{
    private const long MostDiskBytes = 1L << 50;

    /// <param name="caller">Machine id of the member whose certificate came with it.</param>
    /// <param name="self">Machine id of this member.</param>
    /// <param name="facts">Of this member's fabric.</param>
    /// <exception cref="AgentException">It is none; the message tells all that is wrong with it.</exception>
    public static void Check(MoveOrder order, string caller, string self, FabricFacts facts)
    {
        RequestFaults faults = new();
        faults.Expect(order.FabricId == facts.FabricId, "it is of another fabric");
        faults.Expect(order.Source == caller, "its source is not who gives it");
        faults.Expect(order.Target == self, "its target is another member");
        faults.Expect(IsNumber(order.Number), "its number is none");
        faults.Expect(RegistryCheck.IsUuid(order.Uuid), "its VM has no UUID");
        faults.Expect(order.YieldsTo.Length == 0 || RegistryCheck.IsUuid(order.YieldsTo), "what it yields to has no UUID");
        faults.Expect(double.IsFinite(order.Began), "it began at no time");
        faults.Expect(MachineRequestCheck.IsPlainOrEmpty(order.SettledHost), "its settled host is no name");
        faults.Expect(Enum.IsDefined(order.Mode) && Enum.IsDefined(order.End), "its mode or its end is none");
        faults.Expect(order.Spec is { } spec && spec.Name == order.Name && MachineRequestCheck.IsSound(spec), "its VM has no specification, or one that no VM can have");
        if (!faults.Any)
        {
            CheckLeases(order, facts, faults);
            CheckDisks(order, faults);
            CheckDefinition(order, faults);
        }

        faults.ThrowIfAny($"{facts.Members.FirstOrDefault(member => member.MachineId == caller)?.Settings.Name ?? caller} orders a move that can't be");
    }

    /// <summary>The form of a move's number, another one for each attempt.</summary>
    public static bool IsNumber(string text) => Guid.TryParseExact(text, "n", out var number) && number.ToString("n") == text;

    private static void CheckLeases(MoveOrder order, FabricFacts facts, RequestFaults faults)
    {
        var claim = facts.Machines.FirstOrDefault(machine => machine.Uuid == order.Uuid);
        faults.Expect(claim?.MovingTo == order.Target, "the fabric holds no room for it here");
        faults.Expect(order.Leases.Count == order.Spec.Nics.Count && order.Leases.All(lease => claim?.Leases.Contains(lease) == true), "its addresses are not those that the fabric has for it");
    }

    private static void CheckDisks(MoveOrder order, RequestFaults faults)
    {
        if (order.Disks.Count != order.Spec.Disks.Count)
        {
            faults.Expect(false, $"it has {order.Disks.Count} disks, and its VM {order.Spec.Disks.Count}");
            return;
        }

        foreach (var (disk, wish) in order.Disks.Zip(order.Spec.Disks))
        {
            var isPlace = wish.Volume.Length > 0 ? disk.Path == VolumeStore.PathOf(wish.Volume) : IsOwnDisk(disk.Path, order.Uuid);
            faults.Expect(isPlace, "a disk has a path that none of this VM can have");
            faults.Expect(disk.Image == (wish.Volume.Length > 0 ? "" : wish.Image), "a disk is laid over another image than the VM's");
            faults.Expect(disk.SizeBytes is >= 0 and <= MostDiskBytes, $"a disk has {disk.SizeBytes} bytes");
        }

        faults.Expect(order.Disks.Select(static disk => disk.Path).Distinct(StringComparer.Ordinal).Count() == order.Disks.Count, "two disks have one path");
        var volumes = order.Spec.Disks.Select(static disk => disk.Volume).Where(static uuid => uuid.Length > 0).ToHashSet(StringComparer.Ordinal);
        faults.Expect(volumes.SetEquals(order.Volumes.Select(static volume => volume.Uuid)) && volumes.Count == order.Volumes.Count, "its volumes are not those of its disks");
        faults.Expect(order.Volumes.All(static volume => volume.SizeGib is >= 0 and <= MostDiskBytes >> 30), "a volume has a size that none can have");
    }

    private static void CheckDefinition(MoveOrder order, RequestFaults faults)
    {
        if (order.Definition.Length == 0)
        {
            faults.Expect(!order.Offline && !order.PostCopy, "it lacks the definition of its VM");
            return;
        }

        MovedDefinitionCheck.Check(order, faults);
    }

    private static bool IsOwnDisk(string path, string uuid)
    {
        var start = $"{AgentPaths.Pool}/{uuid}-";
        return path.StartsWith(start, StringComparison.Ordinal) && DiskName().IsMatch(path[start.Length..]);
    }

    [GeneratedRegex(@"\Adisk(0|[1-9][0-9]{0,8})\.qcow2\z")]
    private static partial Regex DiskName();
}
