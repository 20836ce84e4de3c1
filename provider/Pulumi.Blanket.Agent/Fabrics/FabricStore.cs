using System.Collections.Concurrent;
using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Pulumi.Blanket.Agent.Machine;
using Pulumi.Blanket.Agent.Serving;
using Pulumi.Blanket.Contract;

namespace Pulumi.Blanket.Agent.Fabrics;

/// <summary>What this member knows of its fabric, on the disk before anybody is told. A host is in one fabric at most.</summary>
/// <param name="state">The folder of what outlives a reboot.</param>
internal sealed class FabricStore(string state, ILogger<FabricStore>? log = null) : IDisposable
{
    private const string FileName = "fabric.json";

    /// <summary>What a fabric's folder is called once the host has left it, until it is deleted: nothing reads it any more.</summary>
    private const string LeftSuffix = ".left";

    private readonly ILogger _log = log ?? NullLogger<FabricStore>.Instance;
    private readonly SemaphoreSlim _turn = new(1);
    private readonly ConcurrentQueue<RegistryChange> _waiting = [];
    private readonly RegistryCopy<FabricFacts> _facts = new(() => Look(state), static (facts, path) => facts.FabricId == Path.GetFileName(Path.GetDirectoryName(path)), mustBeThere: true);

    public FabricStore(ILogger<FabricStore>? log = null) : this(AgentPaths.State, log)
    {
    }

    /// <summary>Raised after a change, when whoever looks sees what is true now.</summary>
    public event Action? Changed;

    /// <summary>Not to be changed, and read without waiting for whoever changes it; null where the host is in no fabric.</summary>
    /// <exception cref="AgentException">The file with the facts is damaged, so nobody knows whether the host is in one.</exception>
    public FabricFacts? Current => _facts.Message;

    /// <summary>Where a fabric's files lie.</summary>
    public string FolderOf(string fabricId) => Path.Combine(state, fabricId);

    /// <summary>Takes facts if they are newer than what is known; into the fabric, where the host is in none.</summary>
    /// <returns>What is known now.</returns>
    /// <exception cref="AgentException">The host is in another fabric, or they are no whole facts.</exception>
    public async Task<FabricFacts> TakeAsync(FabricFacts facts) => await TakeAsync(facts, mayEnter: true) ?? throw new UnreachableException();

    /// <summary>Takes facts that a peer told, if they are newer than what is known. A host that left meanwhile stays out: who was asked before it left may answer after.</summary>
    /// <returns>What is known now; null where the host is in no fabric any more.</returns>
    /// <exception cref="AgentException">The host is in another fabric, or they are no whole facts.</exception>
    public Task<FabricFacts?> CatchUpAsync(FabricFacts facts) => TakeAsync(facts, mayEnter: false);

    /// <summary>Changes facts, if they are still those that the change was made for.</summary>
    /// <param name="change">May change the facts that it is given.</param>
    public async Task<FabricFacts> ChangeAsync(Func<FabricFacts?, FabricFacts> change) => await TryChangeAsync(facts => change(facts)) ?? throw new UnreachableException();

    /// <summary>Changes facts where the change finds something to do.</summary>
    /// <param name="change">May change the facts that it is given.</param>
    /// <returns>Null where nothing changed.</returns>
    public async Task<FabricFacts?> TryChangeAsync(Func<FabricFacts?, FabricFacts?> change)
    {
        FabricFacts? changed;
        await _turn.WaitAsync();
        try
        {
            changed = change(Current?.Clone());
            if (changed is null)
            {
                return null;
            }

            Keep(changed.Clone(), Current);
        }
        finally
        {
            _turn.Release();
        }

        Changed.RaiseEach(_log);
        return changed;
    }

    /// <summary>
    /// Changes what is registered: networks, images, claims. Membership has <see cref="ChangeAsync"/>. What is asked for while the disk is written waits, and is written together:
    /// hundreds of machines may be claimed at once.
    /// </summary>
    /// <param name="self">Machine id of this member.</param>
    /// <param name="change">Changes the facts that it is given; false where there was nothing to change.</param>
    /// <exception cref="AgentException">This member is not the fabric's primary, which alone does that.</exception>
    public async Task ChangeRegistryAsync(string self, Func<FabricFacts, bool> change)
    {
        _ = Current; // or it is damaged, and nothing may wait for it
        RegistryChange waiting = new(change);
        _waiting.Enqueue(waiting);
        var isNew = false;
        await _turn.WaitAsync();
        try
        {
            // Whoever had the turn before may have done it as well.
            isNew = !waiting.Outcome.IsCompleted && ChangeTogether(self);
        }
        finally
        {
            _turn.Release();
        }

        if (isNew)
        {
            Changed.RaiseEach(_log);
        }

        await waiting.Outcome;
    }

    /// <summary>Forgets the fabric, the host's keys in it included.</summary>
    public async Task ForgetAsync()
    {
        await _turn.WaitAsync();
        try
        {
            if (Current is { } facts)
            {
                // At once, so that a cut in between leaves neither a fabric without keys nor one without facts.
                DeleteLeft(state);
                Directory.Move(FolderOf(facts.FabricId), FolderOf(facts.FabricId) + LeftSuffix);
                DurableFile.SyncFolder(state);
                _facts.Set(null);
                DeleteLeft(state);
            }
        }
        finally
        {
            _turn.Release();
            Changed.RaiseEach(_log);
        }
    }

    /// <summary>Removes folders of fabrics that never came to be here: they hold keys and nothing else.</summary>
    /// <param name="wanted">Id of the fabric whose keys stay.</param>
    public async Task SweepAsync(string wanted)
    {
        await _turn.WaitAsync();
        try
        {
            DeleteLeft(state);
            var strays = FoldersIn(state).Where(folder => FabricIds.IsOne(Path.GetFileName(folder)) && Path.GetFileName(folder) != wanted && Path.GetFileName(folder) != Current?.FabricId);
            foreach (var stray in strays.Where(FabricKeys.AreAllIn))
            {
                Directory.Delete(stray, recursive: true);
            }
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>A higher term is a later primary, whatever its predecessor went on to count.</summary>
    public static bool IsNewer(FabricFacts candidate, FabricFacts known)
        => (candidate.Term, candidate.Version).CompareTo((known.Term, known.Version)) > 0;

    public void Dispose() => _turn.Dispose();

    private async Task<FabricFacts?> TakeAsync(FabricFacts facts, bool mayEnter)
    {
        await _turn.WaitAsync();
        try
        {
            // Who may enter may come back, too, where it was.
            var current = mayEnter && _facts.LostPath == Path.Combine(FolderOf(facts.FabricId), FileName) ? null : Current;
            if (current is null && !mayEnter)
            {
                return null;
            }

            if (current is { } known && known.FabricId != facts.FabricId)
            {
                throw new AgentException(AgentFault.NotPossible,
                    $"the host is a member of another fabric, {known.Settings.Name} ({known.FabricId}); take it out of that one's `hosts` first");
            }

            if (current is { } older && !IsNewer(facts, older))
            {
                return older;
            }

            Keep(facts.Clone(), current);
        }
        finally
        {
            _turn.Release();
        }

        Changed.RaiseEach(_log);
        return facts;
    }

    /// <returns>True where anything changed.</returns>
    private bool ChangeTogether(string self)
    {
        var facts = Current;
        List<RegistryChange> made = [];
        for (var left = _waiting.Count; left > 0 && _waiting.TryDequeue(out var change); left--)
        {
            try
            {
                facts = Apply(facts, self, change);
                made.Add(change);
            }
            catch (Exception fault)
            {
                change.Fail(fault); // those of others are none the worse
            }
        }

        var isNew = facts is not null && facts != Current;
        try
        {
            if (isNew)
            {
                Write(facts!);
            }
        }
        catch (Exception fault)
        {
            made.ForEach(change => change.Fail(fault));
            return false;
        }

        made.ForEach(static change => change.Complete());
        return isNew;
    }

    /// <returns>The facts themselves where there was nothing to change.</returns>
    private static FabricFacts Apply(FabricFacts? known, string self, RegistryChange change)
    {
        if (known is null)
        {
            throw new AgentException(AgentFault.NotPossible, "this host is in no fabric");
        }

        if (known.Primary != self)
        {
            var primary = known.Members.FirstOrDefault(member => member.MachineId == known.Primary)?.Settings.Name ?? known.Primary;
            throw new AgentException(AgentFault.Changed, $"the registry is changed by the fabric's primary alone, {primary}");
        }

        var facts = known.Clone();
        if (!change.Apply(facts))
        {
            return known;
        }

        facts.Version++;
        FabricFactsCheck.Check(facts, known);
        return facts;
    }

    private void Keep(FabricFacts facts, FabricFacts? known)
    {
        FabricFactsCheck.Check(facts, known);
        Write(facts);
    }

    private void Write(FabricFacts facts)
    {
        var folder = Path.Combine(state, facts.FabricId);
        DurableFile.MakeFolder(state, DurableFile.OpenFolder);
        DurableFile.MakeFolder(folder, DurableFile.PrivateFolder);
        RegistryFile.Write(Path.Combine(folder, FileName), facts);
        _facts.Set(facts);
    }

    /// <summary>At the agent's start, which may be after one that was cut while the host left its fabric: keys and cloud-init's data of VMs are in what it left.</summary>
    private static string? Look(string state)
    {
        try
        {
            DeleteLeft(state);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            // The agent has more to do; the next join or leave says why it can't be deleted.
        }

        return Find(state);
    }

    private static void DeleteLeft(string state)
    {
        foreach (var left in FoldersIn(state).Where(static folder => folder.EndsWith(LeftSuffix, StringComparison.Ordinal)))
        {
            Directory.Delete(left, recursive: true);
        }
    }

    /// <returns>Also where it should be: keys with files of machines, moves or images beside them are those of a fabric, though its facts are lost.</returns>
    private static string? Find(string state)
    {
        string[] folders = [.. FoldersIn(state).Where(static folder => FabricIds.IsOne(Path.GetFileName(folder)))];
        return (folders.FirstOrDefault(static folder => File.Exists(Path.Combine(folder, FileName))) ?? folders.FirstOrDefault(IsOfALostFabric)) is { } found ? Path.Combine(found, FileName) : null;
    }

    private static bool IsOfALostFabric(string folder)
        => FabricKeys.HasIn(folder) && Directory.EnumerateDirectories(folder).Any(static part => Directory.EnumerateFileSystemEntries(part).Any());

    private static string[] FoldersIn(string state) => Directory.Exists(state) ? Directory.GetDirectories(state) : [];
}
