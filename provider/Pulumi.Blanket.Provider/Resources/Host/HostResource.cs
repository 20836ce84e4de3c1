using System.Text.Json.Serialization.Metadata;
using Grpc.Core;
using Pulumi.Blanket.Contract;
using Pulumi.Blanket.Provider.Agents;
using Pulumi.Blanket.Provider.Errors;
using Pulumi.Blanket.Provider.Operations;
using Pulumi.Blanket.Provider.Ssh;

namespace Pulumi.Blanket.Provider.Resources.Host;

/// <summary>Adopts a machine; the id is the machine's own. See Host.md.</summary>
internal sealed class HostResource(AgentAccess access) : Resource<HostInputs, HostOutputs>("blanket:index:Host")
{
    private static readonly string[] WaysThere =
    [
        nameof(HostInputs.Name), nameof(HostInputs.Address), nameof(HostInputs.Port), nameof(HostInputs.User), nameof(HostInputs.PrivateKey),
        nameof(HostInputs.PrivateKeyPassword), nameof(HostInputs.Password), nameof(HostInputs.HostKey), nameof(HostInputs.ProxyJump),
    ];

    public override bool RefreshBeforeUpdate => true;

    protected override JsonTypeInfo<HostInputs> InputType => HostJson.Default.HostInputs;

    protected override JsonTypeInfo<HostOutputs> OutputType => HostJson.Default.HostOutputs;

    // A host does not know its owner's credentials, so an import has none.
    protected override DiffTable DiffTable { get; } = new DiffTable()
        .SameWhenOldIsMissing(nameof(HostInputs.PrivateKey))
        .SameWhenOldIsMissing(nameof(HostInputs.PrivateKeyPassword))
        .SameWhenOldIsMissing(nameof(HostInputs.Password));

    /// <summary>Packages may have to be installed, on a slow machine over a slow line; VMs may have to move away.</summary>
    public override TimeSpan DefaultTimeout(OperationKind operation) => operation switch
    {
        OperationKind.Create or OperationKind.Update => TimeSpan.FromMinutes(30),
        OperationKind.Delete => TimeSpan.FromHours(2),
        _ => base.DefaultTimeout(operation),
    };

    protected override void Check(CheckContext<HostInputs> check) => HostValidation.Check(check);

    protected override void Diff(DiffContext<HostInputs, HostOutputs> diff)
    {
        // The key that was trusted at first may be written down afterwards.
        if (diff.Knows(nameof(HostInputs.HostKey)) && diff.New.HostKey is { } expected && expected == diff.Outputs.PinnedHostKey)
        {
            diff.Keep(nameof(HostInputs.HostKey));
        }

        if (diff.Outputs.AgentVersion != PluginVersion.Current)
        {
            diff.Change(nameof(HostOutputs.AgentVersion));
        }

        if (diff.Knows(nameof(HostInputs.Layer)) && LayerWarning.Of(NameOf(diff.New), diff.New.Layer, diff.Outputs) is { } warning)
        {
            diff.Warn(warning);
        }
    }

    protected override void Preview(PreviewContext<HostInputs, HostOutputs> preview)
    {
        if (!preview.IsCreate)
        {
            preview.KeepAllBut(Changing(preview).ToArray());
        }

        preview.Know(nameof(HostOutputs.AgentVersion), PluginVersion.Current);
        preview.Know(nameof(HostOutputs.Reachable), true);
        if (preview.New.HostKey is { } key && preview.Operation.Knows(nameof(HostInputs.HostKey)))
        {
            preview.Know(nameof(HostOutputs.PinnedHostKey), key);
        }
    }

    protected override async Task<Made<HostOutputs>> CreateAsync(OperationContext context, HostInputs inputs, CancellationToken cancellationToken)
    {
        var (connection, facts) = await ReachAsync(context, Connection(inputs, context), machine => RefuseSame(context, machine, inputs), cancellationToken);
        try
        {
            var outputs = await AdoptAsync(context, inputs, connection, cancellationToken);
            if (LayerWarning.Of(NameOf(inputs), inputs.Layer, outputs) is { } warning)
            {
                context.Log.Warning(warning);
            }

            return new Made<HostOutputs>(facts.MachineId, outputs);
        }
        catch (Exception fault) when (fault is ProviderException or OperationCanceledException)
        {
            // The agent is there: the state has to know, so that it can be taken away again.
            var reason = fault is ProviderException understood ? understood.Reason : FailureReason.Cancelled;
            throw Partial(reason, facts.MachineId, HostTranslation.ToOutputs(facts, connection) with { AgentVersion = "" },
                fault is ProviderException ? fault.Message : $"the adoption of host {inputs.Name} was cancelled; what was begun there goes on, and the next update finishes it");
        }
    }

    protected override async Task<Found<HostInputs, HostOutputs>?> ReadAsync(
        OperationContext context, string id, HostInputs? inputs, HostOutputs? outputs, CancellationToken cancellationToken)
    {
        if (inputs is null || outputs is null)
        {
            return await ImportAsync(context, id, cancellationToken);
        }

        if (LostHosts.Has(context.Configuration, id, inputs.Name))
        {
            return null;
        }

        if (context.Configuration.IsOffline)
        {
            return new(id, null, outputs);
        }

        try
        {
            return await LookAsync(context, id, inputs, outputs, cancellationToken);
        }
        catch (ProviderException fault) when (fault.Reason != FailureReason.Bug)
        {
            context.Log.Warning($"{fault.Message}; its state is shown as it was last known; {LostHosts.Remedy}");
            return new(id, null, outputs with { Reachable = false });
        }
    }

    protected override async Task<HostOutputs> UpdateAsync(OperationContext context, Wish<HostInputs, HostOutputs> wish, CancellationToken cancellationToken)
    {
        var (connection, _) = await ReachAsync(context, Pinned(wish.New, wish.Outputs, context), machine => RefuseOther(machine, wish.Id, wish.New), cancellationToken);
        var outputs = await AdoptAsync(context, wish.New, connection, cancellationToken);

        // What was so before, the diff has told already.
        if (LayerWarning.Of(NameOf(wish.New), wish.New.Layer, outputs) is { } warning && warning != LayerWarning.Of(NameOf(wish.New), wish.New.Layer, wish.Outputs))
        {
            context.Log.Warning(warning);
        }

        return outputs;
    }

    protected override async Task DeleteAsync(OperationContext context, string id, HostInputs inputs, HostOutputs outputs, CancellationToken cancellationToken)
    {
        if (LostHosts.Has(context.Configuration, id, inputs.Name))
        {
            return;
        }

        var name = NameOf(inputs);
        var target = HostTargets.Of(Pinned(inputs, outputs, context), context.Configuration);
        var agent = access.For(target, name, context.OperationId);
        try
        {
            RefuseOther(await access.Installer.ReadMachineIdAsync(target, name, cancellationToken), id, inputs);
            await DrainAsync(agent, context, cancellationToken);
            var remaining = (await agent.ReleaseAsync(context.Urn, cancellationToken)).RemainingOwners;
            if (remaining.Count > 0)
            {
                context.Log.Info($"the host {name} stays adopted: {string.Join(", ", remaining)} hold it, too");
                return;
            }
        }
        catch (ProviderException fault) when (fault.Reason == FailureReason.NotFound)
        {
            return; // there is no agent any more
        }
        catch (ProviderException fault) when (fault.Reason is FailureReason.Unavailable or FailureReason.Deadline || fault.InnerException is SshException)
        {
            throw new ProviderException(fault.Reason, $"{fault.Message}; the host {name} was not given back, and a VM that had moved away is where it moved to; {LostHosts.Remedy}", fault);
        }

        await access.Installer.RemoveAsync(target, name, cancellationToken);
    }

    /// <summary>What is on a host that departs from its fabric moves to other members, and the host leaves.</summary>
    private static async Task DrainAsync(AgentClient agent, OperationContext context, CancellationToken cancellationToken)
    {
        try
        {
            await LongWork.FollowAsync(
                end => agent.DrainAsync(context.Urn, context.Log, end), agent.CancelDrainAsync, $"moving VMs away from {agent.Host}", context.Log, cancellationToken);
        }
        catch (ProviderException fault) when (fault.InnerException is RpcException { StatusCode: StatusCode.Unimplemented })
        {
            // An agent older than this plugin: it refuses to be taken away while VMs are on its host.
        }
    }

    /// <summary>What an update may change, as far as a preview can tell.</summary>
    private static IEnumerable<string> Changing(PreviewContext<HostInputs, HostOutputs> preview)
    {
        bool Changes(string property, Func<HostInputs, object?> of) => !preview.Operation.Knows(property) || !Equals(of(preview.New), of(preview.Old!));
        if (WaysThere.Any(property => !preview.Operation.Knows(property)) || WayTo(preview.New) != WayTo(preview.Old!))
        {
            yield return nameof(HostOutputs.Connection);
            yield return nameof(HostOutputs.PinnedHostKey);
        }

        if (Changes(nameof(HostInputs.Limit), inputs => inputs.Limit))
        {
            yield return nameof(HostOutputs.Capacity);
        }

        if (Changes(nameof(HostInputs.Layer), inputs => inputs.Layer))
        {
            yield return nameof(HostOutputs.ActiveLayer);
            yield return nameof(HostOutputs.Kvm);
            yield return nameof(HostOutputs.Cpu);
            yield return nameof(HostOutputs.Capabilities);
        }
    }

    private static string WayTo(HostInputs inputs) => System.Text.Json.JsonSerializer.Serialize(
        new HostInputs
        {
            Name = inputs.Name,
            Address = inputs.Address,
            Port = inputs.Port,
            User = inputs.User,
            PrivateKey = inputs.PrivateKey,
            PrivateKeyPassword = inputs.PrivateKeyPassword,
            Password = inputs.Password,
            HostKey = inputs.HostKey,
            ProxyJump = inputs.ProxyJump,
        }, HostJson.Default.HostInputs);

    /// <summary>Connects, brings the agent, and finds out who the machine is.</summary>
    /// <param name="judge">Told the machine's id before anything is put there.</param>
    private async Task<(HostConnection Connection, HostFacts Facts)> ReachAsync(OperationContext context, HostConnection wanted, Action<string> judge, CancellationToken cancellationToken)
    {
        context.Log.Progress($"connecting to {wanted.Address}");
        var target = HostTargets.Of(wanted, context.Configuration);
        var ssh = await access.ConnectAsync(target, wanted.Name, cancellationToken);
        // From here on all of this operation expects the keys that were seen: a connection that is lost is made anew, and may meet another machine.
        target = ssh.Pin(target);
        var connection = HostTranslation.Pin(wanted, target);
        judge(await access.Installer.ReadMachineIdAsync(target, wanted.Name, cancellationToken));
        await access.Installer.EnsureAsync(target, wanted.Name, context.Log.Progress, cancellationToken);
        var facts = await access.For(target, wanted.Name, context.OperationId).GetFactsForChangeAsync(cancellationToken);
        return (connection with { MachineId = facts.MachineId }, facts);
    }

    private async Task<HostOutputs> AdoptAsync(OperationContext context, HostInputs inputs, HostConnection connection, CancellationToken cancellationToken)
    {
        context.Log.Progress("adopting the machine");
        var agent = access.For(HostTargets.Of(connection, context.Configuration), connection.Name, context.OperationId);
        var facts = await agent.AdoptAsync(
            new AdoptRequest { Urn = context.Urn, Settings = HostTranslation.ToSettings(inputs, connection.User) }, context.Log.Progress, cancellationToken);
        return HostTranslation.ToOutputs(facts, connection);
    }

    private async Task<Found<HostInputs, HostOutputs>> LookAsync(OperationContext context, string id, HostInputs inputs, HostOutputs outputs, CancellationToken cancellationToken)
    {
        var wanted = Pinned(inputs, outputs, context);
        var target = HostTargets.Of(wanted, context.Configuration);
        HostFacts facts;
        try
        {
            facts = await access.For(target, wanted.Name, context.OperationId).GetFactsAsync(cancellationToken);
        }
        catch (ProviderException fault) when (fault.Reason == FailureReason.NotFound)
        {
            context.Log.Warning($"host {wanted.Name}: the agent is gone from the machine; the next update brings it back");
            return new(id, null, outputs with { Reachable = true, AgentVersion = "" });
        }

        RefuseOther(facts.MachineId, id, inputs);
        if (facts.Adopted is null)
        {
            context.Log.Warning($"host {wanted.Name}: the machine is not adopted any more; the next update adopts it again");
            return new(id, null, outputs with { Reachable = true, AgentVersion = "" });
        }

        var found = HostTranslation.ToOutputs(facts, outputs.Connection);
        foreach (var record in facts.DamagedRecords)
        {
            context.Log.Warning($"host {wanted.Name}: a VM there is neither started nor changed, since the record of its last move can't be read: {record}");
        }

        if (facts.Damage.Count > 0)
        {
            context.Log.Warning($"host {wanted.Name}: this is gone from the machine, or was changed there: {string.Join("; ", facts.Damage)}; the next update puts it right");
            found = found with { AgentVersion = "" };
        }

        return new(id, HostTranslation.ToInputs(facts.Adopted, inputs), found);
    }

    private async Task<Found<HostInputs, HostOutputs>> ImportAsync(OperationContext context, string id, CancellationToken cancellationToken)
    {
        var address = HostImportId.Parse(id, context.Configuration);
        var target = HostTargets.Of(address, context.Configuration);
        target = (await access.ConnectAsync(target, id, cancellationToken)).Pin(target);
        HostFacts facts;
        try
        {
            facts = await access.For(target, id, context.OperationId).GetFactsAsync(cancellationToken);
        }
        catch (ProviderException fault) when (fault.Reason == FailureReason.NotFound)
        {
            throw NotAdopted(id);
        }

        var settings = facts.Adopted ?? throw NotAdopted(id);
        var inputs = HostTranslation.ToInputs(settings, new HostInputs
        {
            Address = address.Address,
            Port = address.Port,
            User = address.User == SshTarget.DefaultUser && context.Configuration.Settings.User is null ? null : address.User,
        });
        var connection = HostTranslation.Pin(address, target) with { MachineId = facts.MachineId, Name = settings.Name };
        return new(facts.MachineId, inputs, HostTranslation.ToOutputs(facts, connection));
    }

    private static ProviderException NotAdopted(string id)
        => new(FailureReason.NotFound, $"the machine behind {id} is no blanket host, so there is nothing to import; declare a Host with this address, and `pulumi up` adopts it");

    private static void RefuseSame(OperationContext context, string machine, HostInputs inputs)
    {
        if (context.LivingIds.Contains(machine))
        {
            throw new ProviderException(FailureReason.Conflict,
                $"{inputs.Name} is to be replaced by another machine, but behind {inputs.Address} there still is the same one ({machine}); "
                + "give the new machine's address together with its `machine`, or take back the change of `machine`");
        }
    }

    private static void RefuseOther(string machine, string id, HostInputs inputs)
    {
        if (machine != id)
        {
            throw new ProviderException(FailureReason.Precondition,
                $"behind {inputs.Address} there is another machine now ({machine}, not {id}); where it takes the place of {inputs.Name}, set another `machine` (such as the cloud's instance id), "
                + $"and the host is replaced; where it does not, put the address right; {LostHosts.Remedy}");
        }
    }

    private static string NameOf(HostInputs inputs) => inputs.Name ?? inputs.Address;

    private static HostConnection Connection(HostInputs inputs, OperationContext context) => new()
    {
        MachineId = "",
        Name = NameOf(inputs),
        Address = inputs.Address,
        Port = inputs.Port,
        User = HostTargets.User(inputs.User, context.Configuration),
        PrivateKey = inputs.PrivateKey,
        PrivateKeyPassword = inputs.PrivateKeyPassword,
        Password = inputs.Password,
        HostKey = inputs.HostKey,
        ProxyJump = inputs.ProxyJump,
    };

    // The keys that were trusted at first are expected from then on, unless the program names others.
    private static HostConnection Pinned(HostInputs inputs, HostOutputs outputs, OperationContext context)
    {
        var connection = Connection(inputs, context);
        return connection with
        {
            HostKey = connection.HostKey ?? (outputs.PinnedHostKey.Length > 0 ? outputs.PinnedHostKey : null),
            ProxyJump = connection.ProxyJump is null ? null : [.. connection.ProxyJump.Select(jump => jump with { HostKey = jump.HostKey ?? SeenAt(jump) })],
        };

        string? SeenAt(ProxyJump jump) => outputs.Connection?.ProxyJump?.FirstOrDefault(seen => seen.Address == jump.Address && seen.Port == jump.Port)?.HostKey;
    }
}
