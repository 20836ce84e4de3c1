using System.Diagnostics;
using Pulumi.Blanket.Contract;
using Pulumi.Blanket.Provider.Configuration;
using Pulumi.Blanket.Provider.Errors;
using Pulumi.Blanket.Provider.Resources.Fabric;

namespace Pulumi.Blanket.Provider.Agents;

/// <summary>
/// A fabric as one operation reaches it: by the entries of its connection, of which one that answers is enough; members that are none are reached through it.
/// </summary>
internal sealed partial class FabricSession(AgentAccess access, FabricMemory memory, FabricConnection fabric, ProviderConfiguration configuration, string operationId)
{
    /// <summary>An entry that has not answered after this long is not waited for alone.</summary>
    private static readonly TimeSpan Hedge = TimeSpan.FromSeconds(1);

    /// <summary>Another member may have become primary meanwhile.</summary>
    private const int MaxAttempts = 3;

    public string FabricId => fabric.FabricId;

    /// <summary>What the members share, not older than two seconds.</summary>
    /// <exception cref="ProviderException">No entry answers.</exception>
    public Task<FabricDirectory> GetDirectoryAsync(CancellationToken cancellationToken) => GetDirectoryAsync(isLook: false, long.MinValue, cancellationToken);

    /// <summary>The same for who only looks: that nobody answered a moment ago is believed without trying again.</summary>
    public Task<FabricDirectory> LookAsync(CancellationToken cancellationToken) => GetDirectoryAsync(isLook: true, long.MinValue, cancellationToken);

    /// <summary>What the primary says now, who knows everything first: for what seems to be gone.</summary>
    /// <exception cref="ProviderException">It does not answer. Where the user gave it up, whoever answers is asked.</exception>
    public async Task<FabricFacts> AskPrimaryAsync(CancellationToken cancellationToken)
    {
        var directory = await LookAsync(cancellationToken);
        return directory.Primary is { } primary && !IsLost(primary)
            ? await LookAsync(directory, primary, static (agent, token) => agent.ReadRegistryAsync(token), cancellationToken)
            : directory.Facts;
    }

    /// <summary>The agent of a member: directly where it is an entry that answers, else through the entry that told of it.</summary>
    public AgentClient Agent(FabricDirectory directory, Member member)
    {
        var way = EntryOf(directory, member) is { } own && !memory.IsSlow(own) ? own : directory.Entry;
        return access.For(HostTargets.Of(fabric, way, configuration), member.Settings.Name, operationId, member.MachineId);
    }

    /// <summary>The agent of the member that something is or shall be on.</summary>
    /// <exception cref="ProviderException">It is no member.</exception>
    public async Task<AgentClient> AgentAsync(string machineId, CancellationToken cancellationToken)
    {
        var directory = await GetDirectoryAsync(cancellationToken);
        if (directory.Find(machineId) is null)
        {
            directory = await GetDirectoryAsync(isLook: false, Stopwatch.GetTimestamp(), cancellationToken);
        }

        return directory.Find(machineId) is { } member
            ? Agent(directory, member)
            : throw new ProviderException(FailureReason.Precondition, $"the machine {machineId} is no member of the fabric {FabricId} any more; `pulumi refresh` shows what is there");
    }

    /// <summary>Changes what the members share, at the primary; where that has become another, there.</summary>
    public async Task<T> ChangeAsync<T>(Func<AgentClient, Task<T>> change, CancellationToken cancellationToken)
    {
        var notBefore = long.MinValue;
        for (var attempt = 1; ; attempt++)
        {
            var directory = await GetDirectoryAsync(isLook: false, notBefore, cancellationToken);
            var primary = directory.Primary
                ?? throw new ProviderException(FailureReason.Unavailable, $"the fabric {FabricId} has no primary right now; run `pulumi up` on its Fabric resource, which appoints one");
            try
            {
                return await change(Agent(directory, primary));
            }
            catch (ProviderException fault) when (fault.Reason == FailureReason.Conflict && attempt < MaxAttempts)
            {
                notBefore = Stopwatch.GetTimestamp();
            }
            catch (ProviderException fault) when (fault.Reason is FailureReason.Unavailable or FailureReason.Deadline)
            {
                throw new ProviderException(fault.Reason,
                    $"{fault.Message}; {primary.Settings.Name} is the fabric's primary, without which nothing can be added to the fabric or taken out of it; what exists goes on; {LostHosts.Remedy}", fault);
            }
            finally
            {
                memory.Forget();
            }
        }
    }

    public async Task ChangeAsync(Func<AgentClient, Task> change, CancellationToken cancellationToken) => await ChangeAsync(
        async primary =>
        {
            await change(primary);
            return true;
        },
        cancellationToken);

    /// <summary>Looks for what one of the members has: first where it was last, then everywhere else at once. Members that the user gave up are not asked.</summary>
    /// <param name="location">Name of a member; empty where none is known.</param>
    /// <param name="isLook">False for who goes on to change it: who was silent a while ago is asked again.</param>
    public async Task<MemberSearch<T>> FindAsync<T>(string location, bool isLook, Func<AgentClient, CancellationToken, Task<T?>> look, CancellationToken cancellationToken)
        where T : class
    {
        var directory = await GetDirectoryAsync(isLook, long.MinValue, cancellationToken);
        var asked = directory.Facts.Members.Where(member => !IsLost(member)).ToList();
        List<ProviderException> silent = [];
        foreach (var round in asked.GroupBy(member => member.Settings.Name != location).OrderBy(group => group.Key))
        {
            var answers = await Task.WhenAll(round.Select(member => TryLookAsync(directory, member, isLook, look, cancellationToken)));
            silent.AddRange(answers.Select(answer => answer.Silence).OfType<ProviderException>());
            if (Array.Find(answers, answer => answer.Found is not null) is { Found: { } found } answer)
            {
                return new(found, answer.Member, silent);
            }
        }

        return new(null, null, silent);
    }

    /// <summary>Asks all members at once. Members that the user gave up are not asked.</summary>
    public async Task<(IReadOnlyList<T> Answers, IReadOnlyList<ProviderException> Silent)> AskAllAsync<T>(Func<AgentClient, CancellationToken, Task<T>> ask, CancellationToken cancellationToken)
        where T : class
    {
        var directory = await LookAsync(cancellationToken);
        var answers = await Task.WhenAll(directory.Facts.Members.Where(member => !IsLost(member))
            .Select(member => TryLookAsync<T>(directory, member, isLook: true, async (agent, token) => await ask(agent, token), cancellationToken)));
        return ([.. answers.Select(answer => answer.Found).OfType<T>()], [.. answers.Select(answer => answer.Silence).OfType<ProviderException>()]);
    }

    /// <summary>Asks one member, for no longer than a look may take; that it was silent a moment ago is believed.</summary>
    public Task<T> LookAsync<T>(FabricDirectory directory, Member member, Func<AgentClient, CancellationToken, Task<T>> look, CancellationToken cancellationToken)
        => LookAsync(directory, member, isLook: true, look, cancellationToken);

    private async Task<T> LookAsync<T>(FabricDirectory directory, Member member, bool isLook, Func<AgentClient, CancellationToken, Task<T>> look, CancellationToken cancellationToken)
    {
        if (memory.SilenceOf(member.MachineId, isLook) is { } known)
        {
            throw new ProviderException(known.Reason, known.Message, known);
        }

        try
        {
            var answer = await look(Agent(directory, member), cancellationToken);
            memory.NoteAnswer(member.MachineId);
            return answer;
        }
        catch (ProviderException fault) when (fault.Reason is FailureReason.Unavailable or FailureReason.Deadline)
        {
            memory.NoteSilence(member.MachineId, fault);
            throw;
        }
    }

    /// <summary>True for a member that the user gave up.</summary>
    public bool IsLost(Member member) => LostHosts.Has(configuration, member.MachineId, member.Settings.Name);

    /// <summary>Machine ids of the members that the user gave up.</summary>
    public async Task<IEnumerable<string>> GetLostAsync(CancellationToken cancellationToken)
        => (await GetDirectoryAsync(cancellationToken)).Facts.Members.Where(IsLost).Select(member => member.MachineId);

    private async Task<(T? Found, Member Member, ProviderException? Silence)> TryLookAsync<T>(
        FabricDirectory directory, Member member, bool isLook, Func<AgentClient, CancellationToken, Task<T?>> look, CancellationToken cancellationToken)
        where T : class
    {
        try
        {
            return (await LookAsync(directory, member, isLook, look, cancellationToken), member, null);
        }
        catch (ProviderException fault) when (fault.Reason != FailureReason.Bug)
        {
            return (null, member, fault);
        }
    }

    // A call says which member it is for, so that a wrong guess here costs time and nothing else.
    private FabricEntry? EntryOf(FabricDirectory directory, Member member)
        => fabric.Entries.FirstOrDefault(entry => entry.Address == member.Settings.Address && entry.Port == member.Settings.Port)
            ?? (member.SshHostKey.Length > 0 && directory.Facts.Members.Count(other => other.SshHostKey == member.SshHostKey) == 1
                ? fabric.Entries.FirstOrDefault(entry => entry.HostKey == member.SshHostKey)
                : null);

    private Task<FabricDirectory> GetDirectoryAsync(bool isLook, long notBefore, CancellationToken cancellationToken)
        // The reading is not of the one who happened to ask first: others wait for it too.
        => memory.GetDirectoryAsync(() => Task.Run(ReadAsync, CancellationToken.None), isLook, notBefore).WaitAsync(cancellationToken);

    private async Task<FabricDirectory> ReadAsync()
    {
        using CancellationTokenSource limit = new(AgentClient.LookLimit);
        var preferred = memory.Preferred;
        Queue<FabricEntry> waiting = new(fabric.Entries.OrderBy(memory.IsSlow).ThenBy(entry => entry != preferred));
        List<FabricEntry> begun = [];
        List<Task<FabricDirectory>> asked = [];
        List<ProviderException> faults = [];
        while (waiting.Count > 0 || asked.Count > 0)
        {
            if (waiting.TryDequeue(out var next))
            {
                begun.Add(next);
                asked.Add(AskAsync(next, limit.Token));
            }

            var first = Task.WhenAny(asked);
            if (waiting.Count > 0 && await Task.WhenAny(first, Task.Delay(Hedge)) != first)
            {
                continue;
            }

            var answered = await first;
            asked.Remove(answered);
            try
            {
                var directory = await answered;
                begun.ForEach(memory.NoteSlow);
                memory.NoteAnswer(directory.Entry);
                memory.Preferred = directory.Primary is { } primary && EntryOf(directory, primary) is { } entry ? entry : directory.Entry;
                await limit.CancelAsync();
                return directory;
            }
            catch (ProviderException fault)
            {
                faults.Add(fault);
            }
        }

        throw faults.Count == 0
            ? new ProviderException(FailureReason.BadInput, $"the connection of the fabric {FabricId} names no member to enter by; give the `connection` of the Fabric as it is")
            : new ProviderException(faults[0].Reason, $"the fabric {FabricId} can't be reached: {string.Join("; ", faults.Select(fault => fault.Message))}", faults[0]);
    }

    private async Task<FabricDirectory> AskAsync(FabricEntry entry, CancellationToken cancellationToken)
    {
        FabricFacts facts;
        try
        {
            facts = await access.For(HostTargets.Of(fabric, entry, configuration), entry.Address, operationId).ReadRegistryAsync(cancellationToken);
        }
        catch (OperationCanceledException fault) when (cancellationToken.IsCancellationRequested)
        {
            throw new ProviderException(FailureReason.Unavailable, $"host {entry.Address}: it did not answer within {AgentClient.LookLimit.TotalSeconds:0} s", fault);
        }

        LostHosts.RefuseAmbiguous(configuration, facts.Members);
        return facts.FabricId == FabricId
            ? new FabricDirectory(facts, entry)
            : throw new ProviderException(FailureReason.Precondition,
                $"host {entry.Address}: it is {(facts.FabricId.Length == 0 ? "in no fabric" : $"a member of the fabric {facts.FabricId}")} now, and not of {FabricId}");
    }
}
