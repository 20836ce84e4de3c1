using System.Text.Json.Serialization.Metadata;
using Pulumi.Blanket.Contract;
using Pulumi.Blanket.Provider.Agents;
using Pulumi.Blanket.Provider.Errors;
using Pulumi.Blanket.Provider.Operations;
using Pulumi.Blanket.Provider.Resources.Fabric;
using Pulumi.Blanket.Provider.Resources.OnFabric;

namespace Pulumi.Blanket.Provider.Resources.VirtualMachine;

/// <summary>A nested guest on a member of a fabric; the id is its UUID. See VirtualMachine.md.</summary>
internal sealed class VirtualMachineResource(FabricAccess fabrics) : ResourceOnFabric<VirtualMachineInputs, VirtualMachineOutputs>("blanket:index:VirtualMachine", fabrics)
{
    public override bool RefreshBeforeUpdate => true;

    protected override bool FollowsFabric => false;

    protected override JsonTypeInfo<VirtualMachineInputs> InputType => VirtualMachineJson.Default.VirtualMachineInputs;

    protected override JsonTypeInfo<VirtualMachineOutputs> OutputType => VirtualMachineJson.Default.VirtualMachineOutputs;

    protected override DiffTable DiffTable { get; } = VirtualMachineDiff.Extend(CompareFabrics());

    /// <summary>Images may have to be copied to the host first.</summary>
    public override TimeSpan DefaultTimeout(OperationKind operation)
        => operation is OperationKind.Create or OperationKind.Update ? TimeSpan.FromHours(1) : base.DefaultTimeout(operation);

    protected override void Check(CheckContext<VirtualMachineInputs> check)
    {
        base.Check(check);
        VirtualMachineValidation.Check(check);
    }

    protected override void Diff(DiffContext<VirtualMachineInputs, VirtualMachineOutputs> diff)
    {
        base.Diff(diff);
        VirtualMachineDiff.Complete(diff);
    }

    protected override async Task PreviewAsync(PreviewContext<VirtualMachineInputs, VirtualMachineOutputs> preview, CancellationToken cancellationToken)
    {
        VirtualMachinePreview.Tell(preview);
        if (preview.OldOutputs is { } outputs && outputs.State != VirtualMachineOutputs.Unfinished && preview.Operation.Knows(nameof(VirtualMachineInputs.Host))
            && preview.Operation.Knows(nameof(VirtualMachineInputs.Fabric)) && !preview.Operation.Configuration.IsOffline
            && VirtualMachineMove.IsNeeded(preview.New, outputs.Location, outputs.SettledHost))
        {
            await VirtualMachineMove.TellAsync(Open(preview.New, preview.Operation), preview.Operation, preview.Id, preview.New, outputs.Location, cancellationToken);
        }
    }

    protected override async Task<Made<VirtualMachineOutputs>> CreateAsync(OperationContext context, VirtualMachineInputs inputs, CancellationToken cancellationToken)
    {
        var session = Open(inputs, context);
        await MemberItems.SettleFormerAsync(
            session, context, directory => directory.Facts.Machines.Where(claim => claim.Urn == context.Urn).Select(claim => (claim.Uuid, claim.Name, claim.Member)),
            (agent, uuid, token) => agent.FindMachineAsync(uuid, token), (agent, uuid) => agent.RetireMachineAsync(uuid, cancellationToken), cancellationToken);
        var request = VirtualMachineTranslation.ToClaim(context.Urn, inputs);
        request.Host = inputs.Host ?? "";
        request.NamedIds.Add(context.NamedIds);
        request.Lost.Add(await session.GetLostAsync(cancellationToken));
        context.Log.Progress("looking for room");
        var claim = await session.ChangeAsync(primary => primary.ClaimMachineAsync(request, cancellationToken), cancellationToken);
        try
        {
            return new(claim.Uuid, await MakeAsync(session, context, inputs, claim, cancellationToken));
        }
        catch (Exception fault) when (fault is ProviderException or OperationCanceledException)
        {
            if (fault is ProviderException { Reason: FailureReason.BadInput or FailureReason.Precondition or FailureReason.NotFound } && await TryTakeBackAsync(session, context, claim))
            {
                throw;
            }

            throw await UnfinishedAsync(session, inputs, claim, fault);
        }
    }

    protected override async Task<VirtualMachineOutputs> UpdateAsync(OperationContext context, Wish<VirtualMachineInputs, VirtualMachineOutputs> wish, CancellationToken cancellationToken)
    {
        var session = Open(wish.New, context);
        var search = await session.FindAsync(wish.Outputs.Location, isLook: false, (agent, token) => agent.FindMachineAsync(wish.Id, token), cancellationToken);
        switch (search.FoundOrGone())
        {
            case null when wish.Outputs.State != VirtualMachineOutputs.Unfinished:
                throw new ProviderException(FailureReason.NotFound,
                    $"the VM {wish.New.Name} is gone from {wish.Outputs.Location}, and no other host has it; run `pulumi refresh`, after which `pulumi up` makes it anew");
            case null when MovesUnmade(wish):
                await session.ChangeAsync(primary => primary.ReleaseClaimAsync(wish.Id, cancellationToken), cancellationToken);
                break;
            case null:
                break;
            case { Phase: MachinePhase.Creating } when VirtualMachineMove.IsNeeded(wish.New, wish.Outputs.Location, wish.Outputs.SettledHost):
                throw new ProviderException(FailureReason.Precondition,
                    $"host is '{wish.New.Host}', and the making of the VM on {wish.Outputs.Location} did not come to its end; set host to '{wish.Outputs.Location}' and run `pulumi up`, then move it");
            case { Phase: MachinePhase.Creating }:
                break;
            case { } view:
                return await new VirtualMachineChange(session, context, wish.New, view).ApplyAsync(cancellationToken);
        }

        var request = VirtualMachineTranslation.ToClaim(context.Urn, wish.New);
        request.Uuid = wish.Id;
        request.Host = wish.New.Host ?? "";
        request.Lost.Add(await session.GetLostAsync(cancellationToken));
        var claim = await session.ChangeAsync(primary => primary.ClaimMachineAsync(request, cancellationToken), cancellationToken);
        return await MakeAsync(session, context, wish.New, claim, cancellationToken);
    }

    // As long as nothing of it is there, another host is as good as the first.
    private static bool MovesUnmade(Wish<VirtualMachineInputs, VirtualMachineOutputs> wish) => wish.New.Host is { } host && host != wish.Outputs.Location;

    protected override Task DeleteAsync(OperationContext context, string id, VirtualMachineInputs inputs, VirtualMachineOutputs outputs, CancellationToken cancellationToken) => MemberItems.DeleteAsync(
        Open(inputs, context), context, id, outputs.Location, (agent, token) => agent.FindMachineAsync(id, token), agent => agent.DeleteMachineAsync(id, context.Log, cancellationToken),
        cancellationToken);

    protected override async Task<Found<VirtualMachineInputs, VirtualMachineOutputs>?> LookAsync(
        FabricSession session, OperationContext context, string id, VirtualMachineInputs inputs, VirtualMachineOutputs outputs, CancellationToken cancellationToken)
    {
        var search = await session.FindAsync(outputs.Location, isLook: true, (agent, token) => agent.FindMachineAsync(id, token), cancellationToken);
        if (search.FoundOrGone() is { } view)
        {
            var directory = await session.LookAsync(cancellationToken);
            return new(id, VirtualMachineTranslation.ToInputs(view, inputs, session.FabricId), VirtualMachineTranslation.ToOutputs(view, directory));
        }

        // One whose making was cut before a domain was there is not gone as long as its room is held.
        return outputs.State == VirtualMachineOutputs.Unfinished && (await session.AskPrimaryAsync(cancellationToken)).Machines.Any(claim => claim.Uuid == id) ? new(id, null, outputs) : null;
    }

    protected override async Task<Found<VirtualMachineInputs, VirtualMachineOutputs>?> ImportAsync(
        FabricSession session, OperationContext context, FabricConnection fabric, string key, CancellationToken cancellationToken)
    {
        var claims = (await session.AskPrimaryAsync(cancellationToken)).Machines;
        var uuid = Single(claims, key, static claim => claim.Uuid, static claim => claim.Name)?.Uuid ?? key;
        var search = await session.FindAsync("", isLook: true, (agent, token) => agent.FindMachineAsync(uuid, token), cancellationToken);
        if (search.FoundOrGone() is not { } view)
        {
            return null;
        }

        var directory = await session.LookAsync(cancellationToken);
        return new(uuid,
            VirtualMachineTranslation.ToInputs(view, new VirtualMachineInputs { Fabric = fabric, MemoryMiB = 0 }, session.FabricId), VirtualMachineTranslation.ToOutputs(view, directory));
    }

    protected override async Task<IReadOnlyList<Listed>> ListAsync(FabricSession session, CancellationToken cancellationToken)
        => [.. (await session.LookAsync(cancellationToken)).Facts.Machines.Select(claim => new Listed(new FabricItemId(session.FabricId, claim.Uuid).ToString(), claim.Name))];

    private static async Task<VirtualMachineOutputs> MakeAsync(
        FabricSession session, OperationContext context, VirtualMachineInputs inputs, MachineClaim claim, CancellationToken cancellationToken)
    {
        var agent = await session.AgentAsync(claim.Member, cancellationToken);
        context.Log.Progress($"making it on {agent.Host}");
        var view = await agent.CreateMachineAsync(claim, VirtualMachineTranslation.ToSpec(inputs), context.Log, cancellationToken);
        return VirtualMachineTranslation.ToOutputs(view, await session.GetDirectoryAsync(cancellationToken));
    }

    private static async Task<PartialFailureException> UnfinishedAsync(FabricSession session, VirtualMachineInputs inputs, MachineClaim claim, Exception fault)
    {
        var reason = fault is ProviderException understood ? understood.Reason : FailureReason.Cancelled;
        return Partial(
            reason, claim.Uuid, VirtualMachineTranslation.ToOutputs(claim, inputs, await TryGetDirectoryAsync(session)),
            fault is ProviderException ? fault.Message : $"making the VM {inputs.Name} was cancelled; what was begun on its host goes on, and the next update finishes it");
    }

    /// <summary>
    /// Leaves nothing behind of a machine that could not be made, so that the next attempt may choose another host. Never one that was made once: an interrupted create may have
    /// found it again.
    /// </summary>
    private static async Task<bool> TryTakeBackAsync(FabricSession session, OperationContext context, MachineClaim claim)
    {
        // Whatever became of the operation, and not for long: what stays is in the state.
        using CancellationTokenSource limit = new(AgentClient.LookLimit);
        try
        {
            var agent = await session.AgentAsync(claim.Member, limit.Token);
            switch (await agent.FindMachineAsync(claim.Uuid, limit.Token))
            {
                case null:
                    break;
                case { Phase: MachinePhase.Creating }:
                    await agent.DeleteMachineAsync(claim.Uuid, context.Log, limit.Token);
                    break;
                default:
                    return false;
            }

            await session.ChangeAsync(primary => primary.ReleaseClaimAsync(claim.Uuid, limit.Token), limit.Token);
            return true;
        }
        catch (Exception fault) when (fault is ProviderException or OperationCanceledException)
        {
            return false;
        }
    }

    private static async Task<FabricDirectory?> TryGetDirectoryAsync(FabricSession session)
    {
        using CancellationTokenSource limit = new(AgentClient.LookLimit);
        try
        {
            return await session.LookAsync(limit.Token);
        }
        catch (Exception fault) when (fault is ProviderException or OperationCanceledException)
        {
            return null;
        }
    }
}
