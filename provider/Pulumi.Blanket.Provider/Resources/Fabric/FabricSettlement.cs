using System.Diagnostics;
using System.Security.Cryptography;
using Pulumi.Blanket.Contract;
using Pulumi.Blanket.Provider.Agents;
using Pulumi.Blanket.Provider.Errors;
using Pulumi.Blanket.Provider.Operations;
using Pulumi.Blanket.Provider.Resources.Host;

namespace Pulumi.Blanket.Provider.Resources.Fabric;

/// <summary>
/// Brings a fabric to what its inputs say, from wherever it is: nothing yet, half made, changed by somebody else, its primary lost. Each
/// step looks first, so that one that was cut is carried on by the next. Under the fabric's lock from the first change to the last.
/// </summary>
internal sealed class FabricSettlement(AgentAccess access, OperationContext context, FabricInputs inputs, string publicKey)
{
    public const string LockName = "fabric";

    private const int IdCharacters = 12;
    private const string IdAlphabet = "abcdefghijkmnpqrstuvwxyz23456789";

    /// <summary>Somebody else, with another plugin, may change the same fabric without the lock being noticed: after a primary was replaced.</summary>
    private const int MaxAttempts = 3;

    private static readonly TimeSpan LinkPatience = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan LinkPause = TimeSpan.FromMilliseconds(250);

    /// <summary>Null until it is chosen or found.</summary>
    public string? FabricId { get; private set; }

    /// <summary>Whether something of the fabric may be on a host.</summary>
    public bool HasBegun { get; private set; }

    /// <summary>The last facts that an agent answered with.</summary>
    public FabricFacts? Facts { get; private set; }

    /// <param name="fabricId">Null for a new fabric, or one whose making was cut before its id was saved.</param>
    /// <param name="former">Hosts of last time.</param>
    public async Task<FabricFacts> SettleAsync(string? fabricId, IReadOnlyList<HostConnection> former, CancellationToken cancellationToken)
    {
        FabricId = fabricId;
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await TryAsync(former, cancellationToken);
            }
            catch (ProviderException fault) when (fault.Reason == FailureReason.Conflict && attempt < MaxAttempts)
            {
                context.Log.Progress("the fabric changed meanwhile; looking again");
            }
        }
    }

    private async Task<FabricFacts> TryAsync(IReadOnlyList<HostConnection> former, CancellationToken cancellationToken)
    {
        context.Log.Progress("asking the hosts");
        var survey = await FabricSurvey.AskAsync(access, [.. inputs.Hosts, .. former], context, cancellationToken);
        RefuseOtherFabrics(survey);
        var facts = survey.Newest;
        FabricId ??= facts?.FabricId;
        LostHosts.RefuseAmbiguous(context.Configuration, facts?.Members ?? []);
        return facts is null ? await FoundAsync(survey, cancellationToken) : await ChangeAsync(survey, facts, former, cancellationToken);
    }

    private async Task<FabricFacts> FoundAsync(FabricSurvey survey, CancellationToken cancellationToken)
    {
        RefuseSilent(survey.Voices);
        FabricId ??= RandomNumberGenerator.GetString(IdAlphabet, IdCharacters);
        var hosts = await GetHostFactsAsync(survey.Voices, cancellationToken);
        var baseline = FabricBaseline.Of([.. hosts.Select(host => (host.Voice.Host.Name, host.Facts))], inputs.CpuModel, inputs.MachineType);
        RefuseLacking(baseline, hosts);

        // One that others can dial, where there is one: it is the first to be asked by all.
        var primary = hosts.FirstOrDefault(host => host.Facts.Adopted.MeshEndpoint != "none").Voice ?? hosts[0].Voice;
        using var hold = await HoldAsync(primary, cancellationToken);
        ChangeRequest change = new() { FabricId = FabricId, Settings = SettingsOf(baseline), Authorize = { Key() } };
        change.Join.Add(await JoinAsync(hosts, cancellationToken));
        context.Log.Progress("founding the fabric");
        HasBegun = true;
        Facts = await primary.Agent.ChangeAsync(change, cancellationToken);
        await SpreadAsync(Facts, survey.Voices.Where(voice => voice != primary), cancellationToken);
        await WaitForLinksAsync(Facts, survey.Voices, cancellationToken);
        return Facts;
    }

    private async Task<FabricFacts> ChangeAsync(FabricSurvey survey, FabricFacts seen, IReadOnlyList<HostConnection> former, CancellationToken cancellationToken)
    {
        var primary = await FindPrimaryAsync(survey, seen, cancellationToken);
        HasBegun = true;
        await BringUpToDateAsync(primary, survey, seen, cancellationToken);
        using var hold = await HoldAsync(primary, cancellationToken);
        var facts = Facts = await primary.Agent.ExportAsync(FabricId!, cancellationToken);
        var wanted = inputs.Hosts.Select(host => host.MachineId).ToHashSet(StringComparer.Ordinal);
        await LetInAgainAsync(survey, facts, wanted, cancellationToken);
        var joining = survey.Voices.Where(voice => wanted.Contains(voice.Host.MachineId) && NeedsToJoin(voice, facts)).ToList();
        RefuseSilent(joining);
        var hosts = await GetHostFactsAsync(joining, cancellationToken);
        RefuseLacking(new FabricBaseline(facts.Settings.Layer, facts.Settings.Architecture, facts.Settings.CpuModel, facts.Settings.MachineType), hosts);

        ChangeRequest change = new() { FabricId = FabricId, ExpectedVersion = facts.Version };
        change.Join.Add(await JoinAsync(hosts, cancellationToken));
        change.Readmit.Add(facts.Lost.Where(wanted.Contains));
        AddDepartures(change, facts, survey, wanted);
        if (facts.AuthorizedKeys.All(key => key.PublicKey != publicKey))
        {
            change.Authorize.Add(Key());
        }

        if (change.Departing.Contains(facts.Primary) || change.Leave.Contains(facts.Primary))
        {
            change.Primary = NextPrimary(facts, change, survey).Host.MachineId;
        }

        if (facts.Settings.Name != inputs.Name)
        {
            change.Settings = facts.Settings.Clone();
            change.Settings.Name = inputs.Name ?? "";
        }

        if (IsChange(change))
        {
            context.Log.Progress("changing the fabric");
            facts = Facts = await primary.Agent.ChangeAsync(change, cancellationToken);
        }

        await SpreadAsync(facts, survey.Answered.Where(voice => facts.Members.Any(member => member.MachineId == voice.Host.MachineId)), cancellationToken);
        await LetLeaveAsync(survey, facts, former, cancellationToken);
        if (change.Join.Count > 0)
        {
            await WaitForLinksAsync(facts, survey.Answered, cancellationToken);
        }

        return facts;
    }

    private static bool IsChange(ChangeRequest change)
        => change.Join.Count + change.Departing.Count + change.Leave.Count + change.Lost.Count + change.Authorize.Count > 0 || change.Settings is not null;

    /// <summary>A host that was given up and is wanted again forgets first what it knew; with a VM of the fabric still on it, it does not.</summary>
    private async Task LetInAgainAsync(FabricSurvey survey, FabricFacts facts, HashSet<string> wanted, CancellationToken cancellationToken)
    {
        foreach (var machine in facts.Lost.Where(wanted.Contains))
        {
            if (LostHosts.Has(context.Configuration, machine, survey.Of(machine)?.Host.Name))
            {
                throw new ProviderException(FailureReason.BadInput, $"{survey.Of(machine)?.Host.Name ?? machine} is among the fabric's `hosts` and in `lostHosts`; take it out of one of them");
            }

            if (survey.Of(machine) is { View: not null } voice)
            {
                await voice.Agent.LeaveAsync(FabricId!, cancellationToken);
            }
        }
    }

    /// <summary>New ones, ones that come back before they left, ones that lost what they knew, and ones with another address or host key.</summary>
    private static bool NeedsToJoin(FabricVoice voice, FabricFacts facts)
    {
        var member = facts.Members.FirstOrDefault(known => known.MachineId == voice.Host.MachineId);
        if (member is null || member.Departing)
        {
            return true;
        }

        // A member that is silent right now stays what it is.
        return voice.View is not null
            && (voice.View.Facts is null || member.Settings.Address != voice.Host.Address || member.Settings.Port != voice.Host.Port || member.SshHostKey != (voice.Host.HostKey ?? ""));
    }

    private void AddDepartures(ChangeRequest change, FabricFacts facts, FabricSurvey survey, HashSet<string> wanted)
    {
        foreach (var member in facts.Members.Where(member => !wanted.Contains(member.MachineId)))
        {
            var name = member.Settings.Name;
            if (LostHosts.Has(context.Configuration, member.MachineId, name))
            {
                change.Lost.Add(member.MachineId);
            }
            else if (survey.Of(member.MachineId)?.View is not { } view)
            {
                context.Log.Warning(
                    $"{name} is to leave the fabric, and does not answer: whether VMs are on it can't be known, so it departs, and leaves with a later update; {LostHosts.Remedy}");
                Depart(member);
            }
            else if (view.Domains.Count > 0)
            {
                context.Log.Warning($"{name} departs: it takes no new VMs, and leaves once these are gone or moved: {string.Join(", ", view.Domains)}");
                Depart(member);
            }
            else
            {
                change.Leave.Add(member.MachineId);
            }
        }

        void Depart(Member member)
        {
            if (!member.Departing)
            {
                change.Departing.Add(member.MachineId);
            }
        }
    }

    private static FabricVoice NextPrimary(FabricFacts facts, ChangeRequest change, FabricSurvey survey)
    {
        var staying = facts.Members.Where(member => !member.Departing).Select(member => member.MachineId).Concat(change.Join.Select(joining => joining.Member.MachineId))
            .Where(machine => !change.Leave.Contains(machine) && !change.Departing.Contains(machine) && !change.Lost.Contains(machine));
        return staying.Select(survey.Of).FirstOrDefault(voice => voice?.View is not null)
            ?? throw new ProviderException(FailureReason.Unavailable, "the fabric's primary is to leave, and no other member answers that could take its place; bring one of them up, and run it again");
    }

    private async Task<FabricVoice> FindPrimaryAsync(FabricSurvey survey, FabricFacts facts, CancellationToken cancellationToken)
    {
        var name = facts.Members.FirstOrDefault(member => member.MachineId == facts.Primary)?.Settings.Name ?? facts.Primary;
        if (LostHosts.Has(context.Configuration, facts.Primary, name))
        {
            // The first that is left, and no other: two people who reach different members must not make two primaries.
            var first = facts.Members.FirstOrDefault(member => !member.Departing && !LostHosts.Has(context.Configuration, member.MachineId, member.Settings.Name))
                ?? throw new ProviderException(FailureReason.Precondition, "all members of the fabric are lost; nothing is left of it: delete it, and make another");
            var heir = survey.Of(first.MachineId) is { View: not null } voice
                ? voice
                : throw new ProviderException(FailureReason.Unavailable,
                    $"the fabric's primary {name} is lost, and {first.Settings.Name}, which is to take its place, does not answer; bring it up, and run it again; {LostHosts.Remedy}");
            await BringUpToDateAsync(heir, survey, facts, cancellationToken);
            context.Log.Info($"{heir.Host.Name} takes the place of {name}, the fabric's lost primary");
            await heir.Agent.TakeOverAsync(FabricId!, facts.Primary, cancellationToken);
            return heir;
        }

        return survey.Of(facts.Primary) switch
        {
            { View: not null } voice => voice,
            { Silence: { } silence } => throw new ProviderException(FailureReason.Unavailable,
                $"the fabric can't be changed while its primary {name} does not answer ({silence.Message}); what exists goes on; {LostHosts.Remedy}", silence),
            _ => throw new ProviderException(FailureReason.Precondition,
                $"the fabric's primary is {name}, which is not among `hosts`; add it, so that the fabric can be changed; {LostHosts.Remedy}"),
        };
    }

    /// <summary>A new primary may not know yet that it is one: whoever handed over was cut off before it could tell.</summary>
    private async Task BringUpToDateAsync(FabricVoice primary, FabricSurvey survey, FabricFacts seen, CancellationToken cancellationToken)
    {
        if (primary.View!.Facts is { } known && (known.Term, known.Version).CompareTo((seen.Term, seen.Version)) >= 0)
        {
            return;
        }

        var informed = survey.Answered.First(voice => voice.View!.Facts is { } facts && facts.FabricId == FabricId && (facts.Term, facts.Version) == (seen.Term, seen.Version));
        await primary.Agent.ApplyAsync(await informed.Agent.ExportAsync(FabricId!, cancellationToken), cancellationToken);
    }

    private async Task<IDisposable> HoldAsync(FabricVoice primary, CancellationToken cancellationToken)
        => await primary.Agent.HoldAsync(LockName, context.Urn, holder => context.Log.Progress($"waiting for {holder}, which is changing the fabric"), cancellationToken);

    private static async Task<IReadOnlyList<(FabricVoice Voice, HostFacts Facts)>> GetHostFactsAsync(IEnumerable<FabricVoice> voices, CancellationToken cancellationToken)
    {
        var facts = await Task.WhenAll(voices.Select(async voice => (voice, await voice.Agent.GetFactsForChangeAsync(cancellationToken))));
        foreach (var (voice, host) in facts)
        {
            if (!host.AdoptionComplete)
            {
                throw new ProviderException(FailureReason.Precondition, $"host {voice.Host.Name} is not adopted, or not to the end; bring its Host resource up first");
            }
        }

        return facts;
    }

    private async Task<IEnumerable<JoiningMember>> JoinAsync(IReadOnlyList<(FabricVoice Voice, HostFacts Facts)> hosts, CancellationToken cancellationToken)
        => await Task.WhenAll(hosts.Select(async host =>
        {
            var keys = await host.Voice.Agent.PrepareAsync(FabricId!, cancellationToken);
            var settings = host.Facts.Adopted.Clone();
            settings.Address = host.Voice.Host.Address;
            settings.Port = host.Voice.Host.Port;
            settings.User = host.Voice.Host.User;
            return new JoiningMember
            {
                CertificateRequest = keys.CertificateRequest,
                Member = new Member
                {
                    MachineId = keys.MachineId,
                    WireguardPublicKey = keys.WireguardPublicKey,
                    Settings = settings,
                    Capacity = host.Facts.Capacity,
                    SshHostKey = host.Voice.Host.HostKey ?? "",
                },
            };
        }));

    private static async Task SpreadAsync(FabricFacts facts, IEnumerable<FabricVoice> voices, CancellationToken cancellationToken)
        => await Task.WhenAll(voices.Select(voice => voice.Agent.ApplyAsync(facts, cancellationToken)));

    /// <summary>Those that are no members any more take off what was the fabric's; a former attempt may have been cut before they did.</summary>
    private async Task LetLeaveAsync(FabricSurvey survey, FabricFacts facts, IReadOnlyList<HostConnection> former, CancellationToken cancellationToken)
    {
        var leaving = survey.Answered.Where(voice => former.Any(host => host.MachineId == voice.Host.MachineId) && facts.Members.All(member => member.MachineId != voice.Host.MachineId));
        await Task.WhenAll(leaving.Select(voice => voice.Agent.LeaveAsync(FabricId!, cancellationToken)));
    }

    private async Task WaitForLinksAsync(FabricFacts facts, IEnumerable<FabricVoice> voices, CancellationToken cancellationToken)
    {
        context.Log.Progress("waiting for the links between the members");
        var waiting = voices.ToList();
        var names = facts.Members.ToDictionary(member => member.MachineId, member => member.Settings.Name);
        var present = waiting.Select(voice => voice.Host.MachineId).ToHashSet(StringComparer.Ordinal);
        var start = Stopwatch.GetTimestamp();
        while (true)
        {
            var down = (await Task.WhenAll(waiting.Select(async voice =>
            {
                var view = await voice.Agent.GetFabricAsync(cancellationToken);
                return view.Links.Where(link => !link.HasHandshakeAgeSeconds && present.Contains(link.MachineId))
                    .Select(link => $"{voice.Host.Name} to {names.GetValueOrDefault(link.MachineId, link.MachineId)}").ToList();
            }))).SelectMany(links => links).ToList();
            if (down.Count == 0)
            {
                return;
            }

            if (Stopwatch.GetElapsedTime(start) > LinkPatience)
            {
                context.Log.Warning(
                    $"these links of the mesh are not up after {LinkPatience.TotalSeconds:0} s: {string.Join("; ", down)}; see whether UDP port {facts.Settings.MeshPort} is open between these hosts "
                    + "(firewall, security group), or set `meshEndpoint` of those that can't be dialled");
                return;
            }

            await Task.Delay(LinkPause, cancellationToken);
        }
    }

    private FabricSettings SettingsOf(FabricBaseline baseline) => new()
    {
        Name = inputs.Name ?? "",
        Urn = context.Urn,
        MeshCidr = inputs.MeshCidr,
        MeshPort = inputs.MeshPort,
        CpuModel = baseline.CpuModel,
        MachineType = baseline.MachineType,
        Layer = baseline.Layer,
        Architecture = baseline.Architecture,
    };

    private AuthorizedKey Key() => new() { Owner = context.Urn, PublicKey = publicKey };

    private void RefuseOtherFabrics(FabricSurvey survey)
    {
        foreach (var voice in survey.Answered)
        {
            if (voice.View!.Facts is not { } facts || inputs.Hosts.All(host => host.MachineId != voice.Host.MachineId))
            {
                continue;
            }

            // Without an id it is a create: one that was cut left a fabric with this very URN, whose id the engine never heard.
            var isOurs = FabricId is not null ? facts.FabricId == FabricId : facts.Settings.Urn == context.Urn && !context.NamedIds.Contains(facts.FabricId);
            if (!isOurs)
            {
                throw new ProviderException(FailureReason.Precondition,
                    $"host {voice.Host.Name} is a member of another fabric already, {facts.Settings.Name} ({facts.FabricId}), and a host is in one fabric at most; take it out of that one's `hosts`, "
                    + $"or bring that fabric into this stack: pulumi import blanket:index:Fabric {context.Name} {voice.Host.User}@{voice.Host.Address}:{voice.Host.Port}");
            }
        }
    }

    private static void RefuseSilent(IEnumerable<FabricVoice> voices)
    {
        var silent = voices.Where(voice => voice.Silence is not null).Select(voice => voice.Silence!).ToList();
        if (silent.Count > 0)
        {
            throw new ProviderException(silent[0].Reason, string.Join("; ", silent.Select(fault => fault.Message)), silent[0]);
        }
    }

    private static void RefuseLacking(FabricBaseline baseline, IReadOnlyList<(FabricVoice Voice, HostFacts Facts)> hosts)
    {
        var faults = hosts.Select(host => (host.Voice.Host.Name, Lacking: baseline.Lacking(host.Facts))).Where(host => host.Lacking.Count > 0).ToList();
        if (faults.Count > 0)
        {
            throw new ProviderException(FailureReason.Precondition,
                $"{string.Join("; ", faults.Select(fault => $"host {fault.Name} lacks {string.Join(" and ", fault.Lacking)}"))}: all members of a fabric have the same, so that a VM runs on each; leave such hosts out, or make a fabric of their own for them");
        }
    }
}
