using System.Collections.Concurrent;
using Pulumi.Blanket.Agent.Fabrics;
using Pulumi.Blanket.Agent.Machine;
using Pulumi.Blanket.Contract;

namespace Pulumi.Blanket.Agent.Moving;

/// <summary>The moves that this member has a part in and that are not closed yet: a file each, on the disk before anybody acts on it.</summary>
internal sealed class MoveStore
{
    /// <summary>Room that each move keeps beside its record, so that what is decided can be written where the disk has filled up meanwhile: a guest stands still until it is.</summary>
    private const int SpareBytes = 128 * 1024;

    private readonly FabricStore _fabrics;
    private readonly ConcurrentDictionary<string, MoveRecord> _open;

    public MoveStore(FabricStore fabrics)
    {
        _fabrics = fabrics;
        _open = new(Load().Select(record => KeyValuePair.Create(record.Order.Uuid, record)), StringComparer.Ordinal);
        foreach (var spare in Spares().Where(spare => !_open.ContainsKey(Path.GetFileNameWithoutExtension(spare))))
        {
            File.Delete(spare); // of a move that was cut before it had a record, or while it was closed
        }

        fabrics.Changed += ForgetFormer;
    }

    public IReadOnlyCollection<MoveRecord> Open => [.. _open.Values];

    /// <returns>Not to be changed; null where no move of the machine is open here.</returns>
    public MoveRecord? Find(string uuid) => _open.GetValueOrDefault(uuid);

    /// <summary>True for a machine that may be arriving here, and is not this member's yet; or that is handed over, and is not this member's any more.</summary>
    public bool IsElsewhere(string uuid) => Find(uuid)?.Phase is MovePhase.Expected or MovePhase.Refused or MovePhase.HandedOver;

    /// <summary>True for a machine that must not be started or changed, since it is not known whose it is.</summary>
    public bool IsUndecided(string uuid)
        => Find(uuid) is { Phase: MovePhase.Preparing or MovePhase.Copying or MovePhase.Switching or MovePhase.HandedOver or MovePhase.Expected or MovePhase.Refused }
            or { Phase: MovePhase.Kept or MovePhase.Taken, CarriedOut: false };

    /// <summary>SHA-256 of the images that arriving machines need.</summary>
    public IEnumerable<string> UsedImages => _open.Values.SelectMany(record => record.Order.Disks.Select(disk => disk.Image).Concat(Machines.MachineImages.Of(record.Order.Spec))).Where(image => image.Length > 0);

    /// <summary>Writes it, on the disk before this returns.</summary>
    public MoveRecord Write(MoveRecord record)
    {
        DurableFile.MakeFolder(Folder(record.Order.FabricId), DurableFile.PrivateFolder);
        if (!_open.ContainsKey(record.Order.Uuid))
        {
            DurableFile.Write(SpareOf(record.Order), new byte[SpareBytes], DurableFile.Private);
        }

        try
        {
            RegistryFile.Write(PathOf(record.Order), record);
        }
        catch (IOException fault) when (fault.HResult == DurableFile.DiskFull && File.Exists(SpareOf(record.Order)))
        {
            DurableFile.Delete(SpareOf(record.Order));
            RegistryFile.Write(PathOf(record.Order), record);
        }

        _open[record.Order.Uuid] = record;
        return record;
    }

    /// <summary>The same in another phase, written.</summary>
    public MoveRecord Enter(MoveRecord record, MovePhase phase)
    {
        var next = record.Clone();
        next.Phase = phase;
        return Write(next);
    }

    /// <param name="memoryLost">A part of its memory did not get to the target.</param>
    public MoveRecord EnterHandedOver(MoveRecord record, bool memoryLost)
    {
        var next = record.Clone();
        next.Phase = MovePhase.HandedOver;
        next.MemoryLost = memoryLost;
        return Write(next);
    }

    /// <summary>Notes that what was decided is done, so that nobody does it again when somebody changed the machine meanwhile.</summary>
    public MoveRecord NoteCarriedOut(MoveRecord record)
    {
        var next = record.Clone();
        next.CarriedOut = true;
        return Write(next);
    }

    public void Close(MoveRecord record)
    {
        DurableFile.Delete(SpareOf(record.Order));
        DurableFile.Delete(PathOf(record.Order));
        _open.TryRemove(record.Order.Uuid, out _);
    }

    /// <summary>The host has left the fabric, and the files are gone with it.</summary>
    private void ForgetFormer()
    {
        foreach (var record in _open.Values.Where(record => record.Order.FabricId != _fabrics.Current?.FabricId))
        {
            _open.TryRemove(record.Order.Uuid, out _);
        }
    }

    private IEnumerable<MoveRecord> Load()
        => _fabrics.Current is { } facts && Directory.Exists(Folder(facts.FabricId))
            ? Directory.EnumerateFiles(Folder(facts.FabricId), "*.json").Select(RegistryFile.Read<MoveRecord>).OfType<MoveRecord>().Where(record => record.Order is not null)
            : [];

    private IEnumerable<string> Spares()
        => _fabrics.Current is { } facts && Directory.Exists(Folder(facts.FabricId)) ? Directory.EnumerateFiles(Folder(facts.FabricId), "*.spare") : [];

    private static string Folder(string fabricId) => $"{AgentPaths.Fabric(fabricId)}/moves";

    private static string PathOf(MoveOrder order) => Path.Combine(Folder(order.FabricId), $"{order.Uuid}.json");

    private static string SpareOf(MoveOrder order) => Path.ChangeExtension(PathOf(order), ".spare");
}
