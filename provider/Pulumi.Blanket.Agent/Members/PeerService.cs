using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Pulumi.Blanket.Agent.Fabrics;
using Pulumi.Blanket.Agent.Images;
using Pulumi.Blanket.Agent.Machine;
using Pulumi.Blanket.Agent.Registry;
using Pulumi.Blanket.Agent.Serving;
using Pulumi.Blanket.Contract;

namespace Pulumi.Blanket.Agent.Members;

/// <summary>The service <c>Peer</c>, for other members of the fabric.</summary>
[OpenTo(CallerKinds.Member)]
internal sealed class PeerService(FabricStore store, ImageStore images, ImageJobs jobs, MemberExit exit, FabricMember member, FabricNews news) : Peer.PeerBase
{
    private static readonly Empty Nothing = new();

    [Unlogged]
    public override Task<Empty> Ping(Empty request, ServerCallContext context) => Task.FromResult(Nothing);

    public override Task<FetchReply> Fetch(FetchRequest request, ServerCallContext context)
    {
        var facts = store.Current;
        return Task.FromResult(facts is not null && facts.FabricId == request.FabricId && (facts.Term, facts.Version).CompareTo((request.Term, request.Version)) > 0 ? new FetchReply { Facts = facts } : new FetchReply());
    }

    public override async Task<ApplyReply> Offer(FabricFacts request, ServerCallContext context)
    {
        var before = store.Current;
        if (before?.FabricId != request.FabricId)
        {
            throw new AgentException(AgentFault.BadRequest, "a peer offered facts of another fabric");
        }

        var after = await store.CatchUpAsync(request) ?? throw new AgentException(AgentFault.NotPossible, "this host has left the fabric");
        if ((after.Term, after.Version) != (before.Term, before.Version))
        {
            news.Tell();
        }

        return new ApplyReply { Version = after.Version };
    }

    public override async Task<ApplyReply> Announce(Announcement request, ServerCallContext context)
    {
        var facts = AsPrimary(request.FabricId);

        if (request.Settings is null || request.Capacity is null)
        {
            throw new AgentException(AgentFault.BadRequest, "the announcement lacks settings or capacity");
        }

        var caller = Caller.Of(context).MachineId;
        var after = await store.TryChangeAsync(current => current is null ? null : FabricChange.Announce(current, caller, request.Settings, request.Capacity)) ?? facts;
        return new ApplyReply { Version = after.Version };
    }

    public override async Task<Empty> Released(ReleasedRequest request, ServerCallContext context)
    {
        AsPrimary(request.FabricId);
        var caller = Caller.Of(context).MachineId;
        await store.ChangeRegistryAsync(MachineFacts.MachineId, facts => ClaimChange.Release(facts, ClaimChange.HeldOn(facts, caller, request.Uuids)));
        await member.TryActAsync(context.CancellationToken);
        return Nothing;
    }

    public override async Task<Empty> Discharge(DischargeRequest request, ServerCallContext context)
    {
        AsPrimary(request.FabricId);
        await exit.DischargeAsync(Caller.Of(context).MachineId, context.CancellationToken);

        // The answer goes by the link that this takes away.
        context.GetHttpContext().Response.OnCompleted(() => member.ActAsync(CancellationToken.None));
        return Nothing;
    }

    public override Task ReadImage(ReadImageRequest request, IServerStreamWriter<ImageChunk> responseStream, ServerCallContext context)
        => images.SendAsync(request.Sha256, request.Offset, responseStream, context.CancellationToken);

    public override async Task<Empty> KeepImage(KeepImageRequest request, ServerCallContext context)
    {
        await jobs.EnsureAsync(request.Sha256, static _ => { }, context.CancellationToken);
        return Nothing;
    }

    private FabricFacts AsPrimary(string fabricId)
    {
        var facts = store.Current;
        return facts?.FabricId == fabricId && facts.Primary == MachineFacts.MachineId
            ? facts
            : throw new AgentException(AgentFault.NotPossible, "this member is not the fabric's primary");
    }
}
