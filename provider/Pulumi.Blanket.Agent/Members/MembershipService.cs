using Google.Protobuf;
using Grpc.Core;
using Pulumi.Blanket.Agent.Fabrics;
using Pulumi.Blanket.Agent.Hosts;
using Pulumi.Blanket.Agent.Machine;
using Pulumi.Blanket.Agent.Serving;
using Pulumi.Blanket.Contract;

namespace Pulumi.Blanket.Agent.Members;

/// <summary>The service <c>Membership</c>: what a fabric's update does on a member, for whoever has root there.</summary>
[OpenTo(CallerKinds.Root)]
internal sealed class MembershipService(FabricStore store, FabricMember member, HostStore hosts, MemberExit exit) : Membership.MembershipBase
{
    public override async Task<MemberKeys> Prepare(PrepareRequest request, ServerCallContext context)
    {
        var fabricId = FabricIds.Checked(request.FabricId);
        if (store.Current is { } facts && facts.FabricId != fabricId)
        {
            throw new AgentException(AgentFault.NotPossible,
                $"the host is a member of another fabric, {facts.Settings.Name} ({facts.FabricId}); take it out of that one's `hosts` first");
        }

        if (hosts.Record is not { Complete: true })
        {
            throw new AgentException(AgentFault.NotPossible, "the host is not adopted, or not to the end; run the update of its Host resource first");
        }

        await store.SweepAsync(wanted: fabricId);
        var (publicKey, certificateRequest) = await FabricKeys.PrepareAsync(fabricId, context.CancellationToken);
        return new MemberKeys { MachineId = MachineFacts.MachineId, WireguardPublicKey = publicKey, CertificateRequest = ByteString.CopyFrom(certificateRequest) };
    }

    public override async Task<FabricFacts> Change(ChangeRequest request, ServerCallContext context)
    {
        RefuseWithoutKeys(FabricIds.Checked(request.FabricId));
        await exit.FindHomesAsync(request.Leave, context.CancellationToken);
        var facts = await store.ChangeAsync(current => FabricChange.Apply(current, request, MachineFacts.MachineId));
        await member.ActAsync(context.CancellationToken);
        return facts;
    }

    public override async Task<FabricFacts> TakeOver(TakeOverRequest request, ServerCallContext context)
    {
        var facts = await store.ChangeAsync(current => FabricChange.TakeOver(Known(current, request.FabricId), request.LostPrimary, MachineFacts.MachineId));
        await member.ActAsync(context.CancellationToken);
        return facts;
    }

    public override async Task<ApplyReply> Apply(FabricFacts request, ServerCallContext context)
    {
        RefuseWithoutKeys(FabricIds.Checked(request.FabricId));
        var facts = await store.TakeAsync(request);
        await member.ActAsync(context.CancellationToken);
        return new ApplyReply { Version = facts.Version };
    }

    public override Task<FabricFacts> Export(FabricRequest request, ServerCallContext context) => Task.FromResult(Known(store.Current, request.FabricId));

    public override async Task<LeaveReply> Leave(LeaveRequest request, ServerCallContext context)
    {
        await exit.LeaveAsync(FabricIds.Checked(request.FabricId), context.CancellationToken);
        return new LeaveReply();
    }

    /// <summary>It left the fabric, or another one that is made at the same time has taken their place.</summary>
    private static void RefuseWithoutKeys(string fabricId)
    {
        if (!FabricKeys.Has(fabricId))
        {
            throw new AgentException(AgentFault.NotPossible, $"the host has no keys for the fabric {fabricId}, since it left it, or lost them; take it out of the fabric's `hosts`, and put it back with a later update");
        }
    }

    private static FabricFacts Known(FabricFacts? facts, string fabricId)
        => facts?.FabricId == fabricId ? facts : throw new AgentException(AgentFault.NotPossible, $"the host is not in the fabric {fabricId}");
}
