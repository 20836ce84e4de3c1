using Pulumi.Blanket.Agent.Machine;
using Pulumi.Blanket.Contract;

namespace Pulumi.Blanket.Agent.Fabrics;

/// <summary>What this member knows of its fabric, on the disk before anybody is told. A host is in one fabric at most.</summary>
internal sealed class FabricStore
{
    private const string FileName = "fabric.json";

    private readonly Lock _lock = new();
    private FabricFacts? _current = Find();

    /// <summary>Raised after a change, outside the lock, with what is true now.</summary>
    public event Action<FabricFacts?>? Changed;

    /// <summary>A copy; null where the host is in no fabric.</summary>
    public FabricFacts? Current
    {
        get
        {
            lock (_lock)
            {
                return _current?.Clone();
            }
        }
    }

    /// <summary>Takes facts if they are newer than what is known.</summary>
    /// <returns>What is known now.</returns>
    /// <exception cref="AgentException">The host is in another fabric, or they are no whole facts.</exception>
    public FabricFacts Take(FabricFacts facts)
    {
        lock (_lock)
        {
            if (_current is not null && _current.FabricId != facts.FabricId)
            {
                throw new AgentException(AgentFault.NotPossible,
                    $"the host is a member of another fabric, {_current.Settings.Name} ({_current.FabricId}); take it out of that one's `hosts` first");
            }

            if (_current is not null && !IsNewer(facts, _current))
            {
                return _current.Clone();
            }

            Keep(facts);
        }

        Changed?.Invoke(facts.Clone());
        return facts.Clone();
    }

    /// <summary>Changes facts, if they are still those that the change was made for.</summary>
    public FabricFacts Change(Func<FabricFacts?, FabricFacts> change)
    {
        FabricFacts changed;
        lock (_lock)
        {
            changed = change(_current?.Clone());
            Keep(changed);
        }

        Changed?.Invoke(changed.Clone());
        return changed.Clone();
    }

    /// <summary>Changes facts where the change finds something to do.</summary>
    /// <returns>Null where nothing changed, or the host is in no fabric.</returns>
    public FabricFacts? TryChange(Func<FabricFacts, FabricFacts?> change)
    {
        FabricFacts? changed;
        lock (_lock)
        {
            changed = _current is null ? null : change(_current.Clone());
            if (changed is null)
            {
                return null;
            }

            Keep(changed);
        }

        Changed?.Invoke(changed.Clone());
        return changed.Clone();
    }

    /// <summary>Changes what is registered: networks, images, claims. Membership has <see cref="Change"/>.</summary>
    /// <param name="self">Machine id of this member.</param>
    /// <param name="change">Changes the facts that it is given; false where there was nothing to change.</param>
    /// <exception cref="AgentException">This member is not the fabric's primary, which alone does that.</exception>
    public void ChangeRegistry(string self, Func<FabricFacts, bool> change) => TryChange(facts =>
    {
        if (facts.Primary != self)
        {
            var primary = facts.Members.FirstOrDefault(member => member.MachineId == facts.Primary)?.Settings.Name ?? facts.Primary;
            throw new AgentException(AgentFault.Changed, $"the registry is changed by the fabric's primary alone, {primary}");
        }

        if (!change(facts))
        {
            return null;
        }

        facts.Version++;
        return facts;
    });

    /// <summary>Forgets the fabric, the host's keys in it included.</summary>
    public void Forget()
    {
        lock (_lock)
        {
            if (_current is { } facts)
            {
                // First what makes it a fabric, so that a cut in between leaves keys without a use, not a fabric without keys.
                DurableFile.Delete(Path.Combine(AgentPaths.Fabric(facts.FabricId), FileName));
                Directory.Delete(AgentPaths.Fabric(facts.FabricId), recursive: true);
                _current = null;
            }
        }

        Changed?.Invoke(null);
    }

    /// <summary>A higher term is a later primary, whatever its predecessor went on to count.</summary>
    public static bool IsNewer(FabricFacts candidate, FabricFacts known)
        => (candidate.Term, candidate.Version).CompareTo((known.Term, known.Version)) > 0;

    private void Keep(FabricFacts facts)
    {
        FabricFactsCheck.Check(facts);
        var folder = AgentPaths.Fabric(facts.FabricId);
        DurableFile.MakeFolder(AgentPaths.State, DurableFile.OpenFolder);
        DurableFile.MakeFolder(folder, DurableFile.PrivateFolder);
        RegistryFile.Write(Path.Combine(folder, FileName), facts);
        _current = facts.Clone();
    }

    private static FabricFacts? Find()
        => Directory.Exists(AgentPaths.State)
            ? Directory.EnumerateFiles(AgentPaths.State, FileName, new EnumerationOptions { RecurseSubdirectories = true, MaxRecursionDepth = 1 })
                .Select(RegistryFile.Read<FabricFacts>).FirstOrDefault(facts => facts is not null)
            : null;
}
