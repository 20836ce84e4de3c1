using System.Collections.Concurrent;
using System.Diagnostics;
using Pulumi.Blanket.Provider.Errors;
using Pulumi.Blanket.Provider.Resources.Fabric;

namespace Pulumi.Blanket.Provider.Agents;

/// <summary>
/// What this process knows of one fabric for a moment: hundreds of resources ask at once, and neither is the fabric to be asked as often, nor each of them to wait for the same silent member.
/// </summary>
internal sealed class FabricMemory
{
    private static readonly TimeSpan Freshness = TimeSpan.FromSeconds(2);

    /// <summary>How long who only looks believes a silence without asking again: as long as finding it out takes.</summary>
    private static readonly TimeSpan Silence = AgentClient.LookLimit;

    private readonly Lock _lock = new();
    private readonly ConcurrentDictionary<string, (long Since, ProviderException Fault)> _silent = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<(string, int), long> _slow = new();
    private Task<FabricDirectory>? _reading;
    private long _began;

    /// <summary>The entry to try first: the primary, where it is one, since it knows everything first; else the one that answered last.</summary>
    public FabricEntry? Preferred { get; set; }

    /// <summary>The directory: one that was just read, or that is being read, or else a new reading.</summary>
    /// <param name="isLook">For looking, a failure is as good as an answer for a while; for changing it is tried again.</param>
    /// <param name="notBefore">A time stamp: what began to be read before is not wanted.</param>
    public Task<FabricDirectory> GetDirectoryAsync(Func<Task<FabricDirectory>> read, bool isLook, long notBefore)
    {
        lock (_lock)
        {
            if (_reading is not null && _began >= notBefore)
            {
                var age = Stopwatch.GetElapsedTime(_began);
                if (!_reading.IsCompleted || (_reading.IsCompletedSuccessfully ? age <= Freshness : isLook && age <= AgentClient.LookLimit + Silence))
                {
                    return _reading;
                }
            }

            _began = Stopwatch.GetTimestamp();
            return _reading = read();
        }
    }

    /// <summary>Something of it was changed: the next who asks gets a new reading.</summary>
    public void Forget()
    {
        lock (_lock)
        {
            _reading = null;
        }
    }

    /// <summary>Why a member did not answer a moment ago; null where it did, or was not asked.</summary>
    /// <param name="isLook">For changing, the moment is shorter: a host that is back is to be found, while many changes of one host that is down wait for it once only.</param>
    public ProviderException? SilenceOf(string machineId, bool isLook)
        => _silent.TryGetValue(machineId, out var silence) && Stopwatch.GetElapsedTime(silence.Since) <= (isLook ? Silence : Freshness) ? silence.Fault : null;

    public void NoteSilence(string machineId, ProviderException fault) => _silent[machineId] = (Stopwatch.GetTimestamp(), fault);

    public void NoteAnswer(string machineId) => _silent.TryRemove(machineId, out _);

    /// <summary>Whether an entry was asked a moment ago, and another one had to answer in its place: its host may be reached through that one.</summary>
    public bool IsSlow(FabricEntry entry) => _slow.TryGetValue(KeyOf(entry), out var since) && Stopwatch.GetElapsedTime(since) <= Silence;

    public void NoteSlow(FabricEntry entry) => _slow[KeyOf(entry)] = Stopwatch.GetTimestamp();

    public void NoteAnswer(FabricEntry entry) => _slow.TryRemove(KeyOf(entry), out _);

    private static (string, int) KeyOf(FabricEntry entry) => (entry.Address, entry.Port);
}
