using System.Text.Json.Serialization.Metadata;
using Pulumi.Blanket.Contract;
using Pulumi.Blanket.Protocol.Values;
using Pulumi.Blanket.Provider.Agents;
using Pulumi.Blanket.Provider.Errors;
using Pulumi.Blanket.Provider.Operations;
using Pulumi.Blanket.Provider.Resources.Fabric;
using Pulumi.Blanket.Provider.Resources.OnFabric;

namespace Pulumi.Blanket.Provider.Resources.Volume;

/// <summary>A disk that outlives the VM that uses it; the id is <c>fabric/uuid</c>. See Volume.md.</summary>
internal sealed class VolumeResource(FabricAccess fabrics) : ResourceOnFabric<VolumeInputs, VolumeOutputs>("blanket:index:Volume", fabrics)
{
    protected override bool FollowsFabric => false;

    protected override JsonTypeInfo<VolumeInputs> InputType => VolumeJson.Default.VolumeInputs;

    protected override JsonTypeInfo<VolumeOutputs> OutputType => VolumeJson.Default.VolumeOutputs;

    protected override DiffTable DiffTable { get; } = CompareFabrics().Ignore(nameof(VolumeInputs.Host));

    protected override void Check(CheckContext<VolumeInputs> check)
    {
        base.Check(check);
        if (check.Knows(nameof(VolumeInputs.SizeGiB)) && check.Olds["sizeGiB"]?.Bare is NumberValue { Number: var old } && check.Inputs.SizeGiB < old)
        {
            check.Fault(nameof(VolumeInputs.SizeGiB), $"sizeGiB is {check.Inputs.SizeGiB}, and the volume has {old}: volumes grow and never shrink; give {old} or more, or make another volume");
        }
    }

    protected override void Diff(DiffContext<VolumeInputs, VolumeOutputs> diff)
    {
        base.Diff(diff);

        // Where it is said anew, it is a wish; a VM that took the volume along is not contradicted by what was said before.
        if (!diff.Knows(nameof(VolumeInputs.Host)) || MovesTo(diff.New.Host, diff.Old.Host, diff.Outputs.Location))
        {
            diff.Change(nameof(VolumeInputs.Host));
        }

        if (diff.Outputs.Location.Length == 0)
        {
            diff.Change(nameof(VolumeOutputs.Location));
        }
    }

    protected override void Preview(PreviewContext<VolumeInputs, VolumeOutputs> preview)
    {
        if (preview is { Old: { } old, OldOutputs: { Location.Length: > 0 } outputs })
        {
            RefuseMove(preview.New.Host, old.Host, outputs.Location);
            preview.Keep(nameof(VolumeOutputs.Location));
        }
        else if (preview.New.Host is { } host)
        {
            preview.Know(nameof(VolumeOutputs.Location), host);
        }
    }

    protected override async Task<Made<VolumeOutputs>> CreateAsync(OperationContext context, VolumeInputs inputs, CancellationToken cancellationToken)
    {
        var session = Open(inputs, context);
        await MemberItems.SettleFormerAsync(
            session, context, directory => directory.Facts.Volumes.Where(claim => claim.Urn == context.Urn).Select(claim => (claim.Uuid, claim.Name, claim.Member)),
            (agent, uuid, token) => agent.FindVolumeAsync(uuid, token), retire: null, cancellationToken);
        var request = Request(context, inputs);
        request.Host = inputs.Host ?? "";
        request.Lost.Add(await session.GetLostAsync(cancellationToken));
        request.NamedIds.Add(context.NamedIds);
        var claim = await session.ChangeAsync(primary => primary.ClaimVolumeAsync(request, cancellationToken), cancellationToken);
        var id = new FabricItemId(session.FabricId, claim.Uuid).ToString();
        try
        {
            return new(id, await MakeAsync(session, context, inputs, claim, cancellationToken));
        }
        catch (Exception fault) when (fault is ProviderException or OperationCanceledException)
        {
            if (fault is ProviderException { Reason: FailureReason.BadInput or FailureReason.Precondition } && await TryReleaseAsync(session, claim))
            {
                throw;
            }

            throw Partial(
                fault is ProviderException understood ? understood.Reason : FailureReason.Cancelled, id, new VolumeOutputs { Location = "" },
                fault is ProviderException ? fault.Message : $"making the volume {inputs.Name} was cancelled; the next update finishes it");
        }
    }

    protected override async Task<VolumeOutputs> UpdateAsync(OperationContext context, Wish<VolumeInputs, VolumeOutputs> wish, CancellationToken cancellationToken)
    {
        RefuseMove(wish.New.Host, wish.Old.Host, wish.Outputs.Location);
        var session = Open(wish.New, context);
        var uuid = FabricItemId.Parse(wish.Id).Key;
        var search = await session.FindAsync(wish.Outputs.Location, isLook: false, (agent, token) => agent.FindVolumeAsync(uuid, token), cancellationToken);
        var view = search.FoundOrGone();
        if (view is null && wish.Outputs.Location.Length > 0)
        {
            throw new ProviderException(FailureReason.NotFound, $"the volume {wish.New.Name} is gone from {wish.Outputs.Location}, and no other host has it; run `pulumi refresh`, after which `pulumi up` makes an empty one");
        }

        // Room first, then what fills it.
        var request = Request(context, wish.New);
        request.Uuid = uuid;
        var claim = await session.ChangeAsync(primary => primary.ClaimVolumeAsync(request, cancellationToken), cancellationToken);
        if (view is null)
        {
            return await MakeAsync(session, context, wish.New, claim, cancellationToken);
        }

        var agent = await session.AgentAsync(view.Location, cancellationToken);
        return await OutputsAsync(session, await agent.UpdateVolumeAsync(Spec(context, wish.New, uuid), cancellationToken), cancellationToken);
    }

    protected override Task DeleteAsync(OperationContext context, string id, VolumeInputs inputs, VolumeOutputs outputs, CancellationToken cancellationToken)
    {
        var uuid = FabricItemId.Parse(id).Key;
        return MemberItems.DeleteAsync(
            Open(inputs, context), context, uuid, outputs.Location, (agent, token) => agent.FindVolumeAsync(uuid, token), agent => agent.DeleteVolumeAsync(uuid, cancellationToken), cancellationToken);
    }

    protected override async Task<Found<VolumeInputs, VolumeOutputs>?> LookAsync(
        FabricSession session, OperationContext context, string id, VolumeInputs inputs, VolumeOutputs outputs, CancellationToken cancellationToken)
    {
        var uuid = FabricItemId.Parse(id).Key;
        var search = await session.FindAsync(outputs.Location, isLook: true, (agent, token) => agent.FindVolumeAsync(uuid, token), cancellationToken);
        if (search.FoundOrGone() is { } view)
        {
            return new(id, Inputs(view, inputs), await OutputsAsync(session, view, cancellationToken));
        }

        // One whose making was cut is not gone as long as its room is held.
        return outputs.Location.Length == 0 && (await session.AskPrimaryAsync(cancellationToken)).Volumes.Any(claim => claim.Uuid == uuid) ? new(id, null, outputs) : null;
    }

    protected override async Task<Found<VolumeInputs, VolumeOutputs>?> ImportAsync(
        FabricSession session, OperationContext context, FabricConnection fabric, string key, CancellationToken cancellationToken)
    {
        var claims = (await session.AskPrimaryAsync(cancellationToken)).Volumes;
        var uuid = Single(claims, key, static claim => claim.Uuid, static claim => claim.Name)?.Uuid ?? key;
        var search = await session.FindAsync("", isLook: true, (agent, token) => agent.FindVolumeAsync(uuid, token), cancellationToken);
        return search.FoundOrGone() is { } view
            ? new(new FabricItemId(session.FabricId, uuid).ToString(), Inputs(view, new VolumeInputs { Fabric = fabric, SizeGiB = 0 }), await OutputsAsync(session, view, cancellationToken))
            : null;
    }

    protected override async Task<IReadOnlyList<Listed>> ListAsync(FabricSession session, CancellationToken cancellationToken)
        => [.. (await session.LookAsync(cancellationToken)).Facts.Volumes.Select(claim => new Listed(new FabricItemId(session.FabricId, claim.Uuid).ToString(), claim.Name))];

    private static async Task<VolumeOutputs> MakeAsync(FabricSession session, OperationContext context, VolumeInputs inputs, VolumeClaim claim, CancellationToken cancellationToken)
    {
        var agent = await session.AgentAsync(claim.Member, cancellationToken);
        return await OutputsAsync(session, await agent.CreateVolumeAsync(Spec(context, inputs, claim.Uuid), cancellationToken), cancellationToken);
    }

    /// <summary>Gives back the room of a volume that could not be made and is not there. It tries for as long as a look may take, whatever became of the operation.</summary>
    private static async Task<bool> TryReleaseAsync(FabricSession session, VolumeClaim claim)
    {
        using CancellationTokenSource limit = new(AgentClient.LookLimit);
        try
        {
            var agent = await session.AgentAsync(claim.Member, limit.Token);
            if (await agent.FindVolumeAsync(claim.Uuid, limit.Token) is not null)
            {
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

    private static bool MovesTo(string? host, string? oldHost, string location) => host is not null && host != oldHost && host != location;

    private static void RefuseMove(string? host, string? oldHost, string location)
    {
        if (location.Length > 0 && MovesTo(host, oldHost, location))
        {
            throw new ProviderException(FailureReason.Precondition,
                $"host is '{host}', and the volume is on {location}: moving volumes is not supported yet and comes with a later version; set host to '{location}', or leave it out");
        }
    }

    private static ClaimVolumeRequest Request(OperationContext context, VolumeInputs inputs) => new()
    {
        Urn = context.Urn,
        Name = inputs.Name ?? "",
        SizeGib = inputs.SizeGiB,
    };

    private static VolumeSpec Spec(OperationContext context, VolumeInputs inputs, string uuid)
        => new() { Uuid = uuid, Urn = context.Urn, Name = inputs.Name ?? "", SizeGib = inputs.SizeGiB };

    private static VolumeInputs Inputs(VolumeView view, VolumeInputs given) => given with { Name = view.Spec.Name, SizeGiB = (int)view.Spec.SizeGib };

    private static async Task<VolumeOutputs> OutputsAsync(FabricSession session, VolumeView view, CancellationToken cancellationToken)
        => new() { Location = (await session.LookAsync(cancellationToken)).NameOf(view.Location) };
}
