using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Pulumi.Blanket.Agent.Fabrics;
using Pulumi.Blanket.Agent.Hosts;
using Pulumi.Blanket.Agent.Machine;
using Pulumi.Blanket.Agent.Machines;
using Pulumi.Blanket.Agent.Serving;
using Pulumi.Blanket.Contract;

namespace Pulumi.Blanket.Agent.Moving;

/// <summary>The moves that this member has a part in and that are not closed yet: a file each, on the disk before anybody acts on it.</summary>
internal sealed class MoveStore : IOpenMoves, IDamagedRecords
{
    /// <summary>Room that each move keeps beside its record, so that what is decided can be written where the disk has filled up meanwhile: a guest stands still until it is.</summary>
    private const int SpareBytes = 128 * 1024;

    private readonly FabricStore _fabrics;
    private readonly ILogger _log;
    private readonly Lock _reading = new();
    private readonly ConcurrentDictionary<string, MoveRecord> _open = new(StringComparer.Ordinal);

    /// <summary>Records that can't be read, by UUID. What became of that machine nobody knows: it is neither started nor changed, and no peer is told anything about it.</summary>
    private readonly ConcurrentDictionary<string, RegistryCopy<MoveRecord>> _damaged = new(StringComparer.Ordinal);
    private volatile bool _isRead;

    public MoveStore(FabricStore fabrics, ILogger<MoveStore>? log = null)
    {
        _log = log ?? NullLogger<MoveStore>.Instance;
        _fabrics = fabrics;
        fabrics.Changed += ForgetFormer;
    }

    /// <summary>Raised when a move is open that was not.</summary>
    public event Action? Opened;

    /// <summary>Raised when a move is open no more, or stands elsewhere.</summary>
    public event Action? Advanced;

    /// <summary>Those that can be read.</summary>
    /// <exception cref="AgentException">The fabric's facts are damaged, so nobody knows where they are.</exception>
    public IReadOnlyCollection<MoveRecord> Open => [.. Records.Values];

    /// <summary>What is wrong with those that can't be read, with the file's name.</summary>
    public IReadOnlyCollection<string> Damage
    {
        get
        {
            Read();
            return [.. _damaged.Keys.Select(DamageOf).OfType<AgentException>().Select(static damage => damage.Message)];
        }
    }

    /// <summary>By UUID.</summary>
    private ConcurrentDictionary<string, MoveRecord> Records
    {
        get
        {
            Read();
            return _open;
        }
    }

    /// <returns>Not to be changed; null where no move of the machine is open here.</returns>
    /// <exception cref="AgentException">There is a record, and it is damaged: nothing is known of the move.</exception>
    public MoveRecord? Find(string uuid)
    {
        Read();
        return DamageOf(uuid) is { } damage ? throw damage : _open.GetValueOrDefault(uuid);
    }

    /// <summary>The same where a damaged record may count as none, as for what is only told.</summary>
    public MoveRecord? FindReadable(string uuid) => Records.GetValueOrDefault(uuid);

    /// <exception cref="AgentException">A record is damaged.</exception>
    public void RefuseDamage()
    {
        Read();
        if (_damaged.Keys.Select(DamageOf).OfType<AgentException>().ToList().FirstOrDefault() is { } damage)
        {
            throw damage;
        }
    }

    /// <summary>True for a machine that may be arriving here, and is not this member's yet; or that is handed over, and is not this member's any more.</summary>
    public bool IsElsewhere(string uuid) => FindReadable(uuid)?.Phase is MovePhase.Expected or MovePhase.Refused or MovePhase.HandedOver;

    public string NameOf(string uuid) => Find(uuid)?.Order.Name ?? uuid;

    public MachineView? FindCarried(string uuid) => FindReadable(uuid) is { Phase: MovePhase.Preparing or MovePhase.Copying, Order.Offline: true, View: { } view } ? view : null;

    public MachineView? FindLeaving(string uuid) => FindReadable(uuid) is { Phase: MovePhase.Copying or MovePhase.Switching or MovePhase.HandedOver, View: { } view } ? view : null;

    /// <summary>True for a machine that must not be started or changed, since it is not known whose it is.</summary>
    public bool IsUndecided(string uuid)
        => FindReadable(uuid) is { Phase: MovePhase.Preparing or MovePhase.Copying or MovePhase.Switching or MovePhase.HandedOver or MovePhase.Expected or MovePhase.Refused }
            or { Phase: MovePhase.Kept or MovePhase.Taken, CarriedOut: false }
            || DamageOf(uuid) is not null;

    /// <summary>SHA-256 of the images that arriving machines need.</summary>
    /// <exception cref="AgentException">A record is damaged: nobody knows what it needs.</exception>
    public IEnumerable<string> UsedImages
    {
        get
        {
            RefuseDamage();
            return Open.SelectMany(record => record.Order.Disks.Select(disk => disk.Image).Concat(Machines.MachineImages.Of(record.Order.Spec))).Where(image => image.Length > 0);
        }
    }

    /// <summary>Writes it, on the disk before this returns.</summary>
    /// <exception cref="AgentException">There is one, and it is damaged.</exception>
    public MoveRecord Write(MoveRecord record)
    {
        Read();
        if (DamageOf(record.Order.Uuid) is { } damage)
        {
            throw damage;
        }

        DurableFile.MakeFolder(Folder(record.Order.FabricId), DurableFile.PrivateFolder);
        if (!Records.ContainsKey(record.Order.Uuid))
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

        var former = _open.GetValueOrDefault(record.Order.Uuid);
        _open[record.Order.Uuid] = record;
        if (former is null)
        {
            Opened.RaiseEach(_log);
        }
        else if (former.Phase != record.Phase)
        {
            Advanced.RaiseEach(_log);
        }

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
        Advanced.RaiseEach(_log);
    }

    /// <summary>The host has left the fabric, and the files are gone with it.</summary>
    private void ForgetFormer()
    {
        var fabricId = _fabrics.Current?.FabricId;
        foreach (var record in _open.Values.Where(record => record.Order.FabricId != fabricId))
        {
            _open.TryRemove(record.Order.Uuid, out _);
            Advanced.RaiseEach(_log);
        }

        if (fabricId is null)
        {
            _damaged.Clear();
        }
    }

    /// <summary>Reads the records once, as soon as the fabric is known.</summary>
    private void Read()
    {
        if (_isRead)
        {
            return;
        }

        lock (_reading)
        {
            if (_isRead)
            {
                return;
            }

            if (_fabrics.Current is not { } facts)
            {
                return; // there is nothing to read yet, and may be once the host is in a fabric
            }

            var folder = Folder(facts.FabricId);
            if (Directory.Exists(folder))
            {
                foreach (var path in Directory.EnumerateFiles(folder, "*.json"))
                {
                    _damaged[Path.GetFileNameWithoutExtension(path)] = new(() => path, static (record, file) => record.Order?.Uuid == Path.GetFileNameWithoutExtension(file), mayBeRemoved: true);
                }

                foreach (var uuid in _damaged.Keys)
                {
                    _ = DamageOf(uuid);
                }

                foreach (var spare in Directory.EnumerateFiles(folder, "*.spare").Where(spare => !IsKnown(Path.GetFileNameWithoutExtension(spare))))
                {
                    File.Delete(spare); // of a move that was cut before it had a record, or while it was closed
                }
            }

            _isRead = true;
        }

        bool IsKnown(string uuid) => _open.ContainsKey(uuid) || _damaged.ContainsKey(uuid);
    }

    /// <summary>One that was restored or removed meanwhile is none any more.</summary>
    private AgentException? DamageOf(string uuid)
    {
        if (!_damaged.TryGetValue(uuid, out var copy))
        {
            return null;
        }

        try
        {
            if (copy.Message is { } record)
            {
                _open[uuid] = record;
            }

            _damaged.TryRemove(uuid, out _);
            return null;
        }
        catch (AgentException damage)
        {
            return damage;
        }
    }

    private string Folder(string fabricId) => Path.Combine(_fabrics.FolderOf(fabricId), "moves");

    private string PathOf(MoveOrder order) => Path.Combine(Folder(order.FabricId), $"{order.Uuid}.json");

    private string SpareOf(MoveOrder order) => Path.ChangeExtension(PathOf(order), ".spare");
}
