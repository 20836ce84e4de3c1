using System.Text.Json.Serialization.Metadata;
using Pulumi.Blanket.Contract;
using Pulumi.Blanket.Provider.Agents;
using Pulumi.Blanket.Provider.Errors;
using Pulumi.Blanket.Provider.Operations;
using Pulumi.Blanket.Provider.Resources.Host;
using Pulumi.Blanket.Provider.Resources.SshKey;

namespace Pulumi.Blanket.Provider.Resources.Fabric;

/// <summary>A set of hosts made identical. See Fabric.md.</summary>
internal sealed class FabricResource(AgentAccess access) : Resource<FabricInputs, FabricOutputs>("blanket:index:Fabric")
{
    private const string Account = "blanket";

    protected override JsonTypeInfo<FabricInputs> InputType => FabricJson.Default.FabricInputs;

    protected override JsonTypeInfo<FabricOutputs> OutputType => FabricJson.Default.FabricOutputs;

    // Credentials of a host may change without anything changing for the fabric.
    protected override DiffTable DiffTable { get; } = new DiffTable().Same(nameof(FabricInputs.Hosts), HostListComparer.AreSame);

    protected override void Check(CheckContext<FabricInputs> check) => FabricValidation.Check(check);

    protected override void Diff(DiffContext<FabricInputs, FabricOutputs> diff)
    {
        // What was left to the fabric may be written down afterwards.
        if (diff.Knows(nameof(FabricInputs.CpuModel)) && (diff.New.CpuModel ?? diff.Outputs.CpuModel) == diff.Outputs.CpuModel)
        {
            diff.Keep(nameof(FabricInputs.CpuModel));
        }

        if (diff.Knows(nameof(FabricInputs.MachineType)) && (diff.New.MachineType ?? diff.Outputs.MachineType) == diff.Outputs.MachineType)
        {
            diff.Keep(nameof(FabricInputs.MachineType));
        }

        if (!diff.Knows(nameof(FabricInputs.Hosts)))
        {
            return;
        }

        // What was wished and not reached, or has been undone since. A member that departs is one, until it has left.
        var wanted = diff.New.Hosts.Select(host => (host.MachineId, FabricMember.Active)).ToHashSet();
        if (!wanted.SetEquals(diff.Outputs.Members.Select(member => (member.MachineId, member.Status))))
        {
            diff.Change(nameof(FabricOutputs.Members));
        }
    }

    protected override async Task PreviewAsync(PreviewContext<FabricInputs, FabricOutputs> preview, CancellationToken cancellationToken)
    {
        if (preview.IsCreate)
        {
            return;
        }

        // Everything on the fabric takes the connection: it must not look as if that were about to change.
        preview.Keep(nameof(FabricOutputs.Connection));
        if (preview.Operation.Knows(nameof(FabricInputs.Hosts)) && !preview.Operation.Configuration.IsOffline)
        {
            await TellDeparturesAsync(preview.Operation, preview.New, Known(preview.Operation, preview.Old!, preview.OldOutputs!), cancellationToken);
        }
    }

    protected override Task<Made<FabricOutputs>> CreateAsync(OperationContext context, FabricInputs inputs, CancellationToken cancellationToken)
    {
        var pair = OpenSshKeyPair.Generate(SshKeyAlgorithm.Ed25519);
        return SettleAsync(context, inputs, id: null, [], pair.PrivateKey, pair.PublicKey, cancellationToken);
    }

    protected override async Task<Found<FabricInputs, FabricOutputs>?> ReadAsync(
        OperationContext context, string id, FabricInputs? inputs, FabricOutputs? outputs, CancellationToken cancellationToken)
    {
        if (inputs is null || outputs is null)
        {
            return await new FabricImport(access, context).RunAsync(id, cancellationToken);
        }

        if (context.Configuration.IsOffline)
        {
            return new(id, null, outputs);
        }

        var hosts = Known(context, inputs, outputs);
        var survey = await FabricSurvey.AskAsync(access, hosts, context, cancellationToken);
        var facts = survey.Answered.Where(voice => voice.View!.Facts?.FabricId == id).Select(voice => voice.View!.Facts).MaxBy(known => (known.Term, known.Version));

        // A host that departed may have left meanwhile, and be gone.
        foreach (var voice in survey.Voices.Where(voice => voice.Silence is not null && facts?.Members.Any(member => member.MachineId == voice.Host.MachineId) != false))
        {
            context.Log.Warning($"{voice.Silence!.Message}; the fabric is read from its other members; {LostHosts.Remedy}");
        }

        if (facts is null)
        {
            // Gone is said only when everybody answered and nobody knows it.
            return survey.Voices.All(voice => voice.View is not null) ? null : new(id, null, outputs);
        }

        context.RefreshBeforeUpdate = facts.Members.Any(static member => member.Departing);
        return new(id, inputs with { Name = facts.Settings.Name }, FabricTranslation.ToOutputs(facts, outputs.Connection, hosts, StatusOf(facts, survey)));
    }

    protected override async Task<FabricOutputs> UpdateAsync(OperationContext context, Wish<FabricInputs, FabricOutputs> wish, CancellationToken cancellationToken)
    {
        RefuseFixed("cpuModel", wish.New.CpuModel, wish.Outputs.CpuModel);
        RefuseFixed("machineType", wish.New.MachineType, wish.Outputs.MachineType);
        var connection = wish.Outputs.Connection;
        return (await SettleAsync(context, wish.New, wish.Id, [.. wish.Old.Hosts, .. wish.Outputs.Departing ?? []], connection.PrivateKey, connection.PublicKey, cancellationToken)).Outputs;
    }

    protected override async Task DeleteAsync(OperationContext context, string id, FabricInputs inputs, FabricOutputs outputs, CancellationToken cancellationToken)
    {
        var hosts = Known(context, inputs, outputs);
        var survey = await FabricSurvey.AskAsync(access, hosts, context, cancellationToken);
        var silent = survey.Voices.Where(voice => voice.Silence is { Reason: not FailureReason.NotFound }).Select(voice => voice.Silence!.Message).ToList();
        if (silent.Count > 0)
        {
            throw new ProviderException(FailureReason.Unavailable, $"the fabric can't be deleted while not all of its members answer, and nothing was changed: {string.Join("; ", silent)}; {LostHosts.Remedy}");
        }

        var members = survey.Answered.Where(voice => voice.View!.Facts?.FabricId == id).ToList();
        var carrying = members.Where(voice => voice.View!.Domains.Count > 0).Select(voice => $"{string.Join(", ", voice.View!.Domains)} on {voice.Host.Name}").ToList();
        if (carrying.Count > 0)
        {
            throw new ProviderException(FailureReason.Precondition, $"the fabric still has virtual machines: {string.Join("; ", carrying)}; delete them first");
        }

        if (members.Count == 0)
        {
            return;
        }

        var facts = members.Select(voice => voice.View!.Facts).MaxBy(known => (known.Term, known.Version))!;
        var known = members.Select(voice => voice.Host.MachineId).Concat(hosts.Select(host => host.MachineId)).ToHashSet(StringComparer.Ordinal);
        var unknown = facts.Members.Where(member => !known.Contains(member.MachineId) && !LostHosts.Has(context.Configuration, member.MachineId, member.Settings.Name)).ToList();
        if (unknown.Count > 0)
        {
            throw new ProviderException(FailureReason.Precondition,
                $"the fabric has members that are not among this resource's `hosts`: {string.Join(", ", unknown.Select(member => member.Settings.Name))}; take them out of it first, by whom they belong to, or by an update of this resource");
        }

        var primary = members.FirstOrDefault(voice => voice.Host.MachineId == facts.Primary);
        using var hold = primary is null ? null : await primary.Agent.HoldAsync(
            FabricSettlement.LockName, context.Urn, holder => context.Log.Progress($"waiting for {holder}, which is changing the fabric"), cancellationToken);

        // The primary last: until then whoever was cut off in between finds the fabric again.
        foreach (var group in members.GroupBy(voice => voice.Host.MachineId == facts.Primary).OrderBy(group => group.Key))
        {
            await Task.WhenAll(group.Select(voice => voice.Agent.LeaveAsync(id, cancellationToken)));
        }
    }

    private async Task<Made<FabricOutputs>> SettleAsync(
        OperationContext context, FabricInputs inputs, string? id, IReadOnlyList<HostConnection> former, string privateKey, string publicKey, CancellationToken cancellationToken)
    {
        FabricSettlement settlement = new(access, context, inputs, publicKey);
        try
        {
            var facts = await settlement.SettleAsync(id, former, cancellationToken);
            var outputs = Outputs(facts);

            // Deleting its Host lets a departing member go; the next update sees then that it is gone.
            context.RefreshBeforeUpdate = outputs.Departing is not null;
            await ProveAsync(context, outputs.Connection, cancellationToken);
            return new Made<FabricOutputs>(facts.FabricId, outputs);
        }
        catch (Exception fault) when (id is null && settlement.HasBegun && fault is (ProviderException or OperationCanceledException))
        {
            // Something of it is on the hosts: the state has to know, so that the next update finishes it, or a delete takes it away.
            var reason = fault is ProviderException understood ? understood.Reason : FailureReason.Cancelled;
            throw Partial(reason, settlement.FabricId!, Outputs(settlement.Facts ?? Unheard(settlement.FabricId!)) with { Members = [] }, fault is ProviderException ? fault.Message : $"making the fabric {inputs.Name} was cancelled; the next update finishes it");
        }

        FabricOutputs Outputs(FabricFacts facts) => FabricTranslation.ToOutputs(
            facts,
            new FabricConnection { FabricId = facts.FabricId, Account = Account, PrivateKey = privateKey, PublicKey = publicKey, Entries = FabricTranslation.Entries(facts, inputs.Hosts) },
            [.. inputs.Hosts, .. former],
            new Dictionary<string, string>());
    }

    /// <summary>Says in a preview what has to move before hosts can leave.</summary>
    private async Task TellDeparturesAsync(OperationContext context, FabricInputs wanted, IEnumerable<HostConnection> former, CancellationToken cancellationToken)
    {
        var leaving = former.Where(host => wanted.Hosts.All(kept => kept.MachineId != host.MachineId)).ToList();
        foreach (var voice in (await FabricSurvey.AskAsync(access, leaving, context, cancellationToken)).Voices)
        {
            if (voice.View is not { } view)
            {
                context.Log.Warning($"{voice.Host.Name} is to leave the fabric, and what is on it could not be found out: {voice.Silence!.Message}");
            }
            else if (view.Domains.Count > 0)
            {
                context.Log.Info($"{voice.Host.Name} departs from the fabric; this has to move before it can leave: {string.Join(", ", view.Domains)} (where another `host` is set, by that update; all else when the Host is deleted)");
            }
        }
    }

    /// <summary>A fabric that may have been founded, and whose first words were lost on the way.</summary>
    private static FabricFacts Unheard(string fabricId) => new() { FabricId = fabricId, Settings = new FabricSettings() };

    /// <summary>All who are or were members, but those that the user gave up.</summary>
    private static List<HostConnection> Known(OperationContext context, FabricInputs inputs, FabricOutputs outputs)
        => [.. inputs.Hosts.Concat(outputs.Departing ?? []).Where(host => !LostHosts.Has(context.Configuration, host.MachineId, host.Name))];

    /// <summary>Goes the way that everything on the fabric will go.</summary>
    private async Task ProveAsync(OperationContext context, FabricConnection connection, CancellationToken cancellationToken)
    {
        context.Log.Progress("trying the fabric's own key");
        ProviderException? last = null;
        foreach (var entry in connection.Entries)
        {
            try
            {
                await access.For(HostTargets.Of(connection, entry, context.Configuration), entry.Address, context.OperationId).PingAsync(cancellationToken);
                return;
            }
            catch (ProviderException fault) when (fault.Reason != FailureReason.Bug)
            {
                last = fault;
            }
        }

        if (last is not null)
        {
            var remedy = last.Reason == FailureReason.Unavailable ? "" : $"; see whether sshd on the hosts lets the account '{Account}' in (AllowUsers, AllowGroups)";
            throw new ProviderException(last.Reason, $"the fabric is made, but its account could not be tried: {last.Message}{remedy}", last);
        }
    }

    private static Dictionary<string, string> StatusOf(FabricFacts facts, FabricSurvey survey)
    {
        Dictionary<string, string> status = [];
        foreach (var member in facts.Members)
        {
            if (survey.Of(member.MachineId)?.View is not { } view)
            {
                continue;
            }

            if (view.Facts?.FabricId != facts.FabricId)
            {
                status[member.MachineId] = FabricMember.Missing;
            }
            else if (member.Departing && view.Domains.Count == 0)
            {
                status[member.MachineId] = FabricMember.Empty;
            }
        }

        return status;
    }

    private static void RefuseFixed(string property, string? wanted, string fixedAt)
    {
        if (wanted is not null && wanted != fixedAt)
        {
            throw new ProviderException(FailureReason.BadInput,
                $"{property} is '{wanted}', and the fabric was made with '{fixedAt}', which its VMs have; set it back, or make another fabric and move the VMs there");
        }
    }
}
