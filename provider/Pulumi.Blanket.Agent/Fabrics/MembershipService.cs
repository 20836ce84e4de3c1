using Google.Protobuf;
using Grpc.Core;
using Pulumi.Blanket.Agent.Hosts;
using Pulumi.Blanket.Agent.Images;
using Pulumi.Blanket.Agent.Registry;
using Pulumi.Blanket.Agent.Volumes;
using Pulumi.Blanket.Contract;

namespace Pulumi.Blanket.Agent.Fabrics;

/// <summary>The service <c>Membership</c>: what a fabric's update does on a member, for whoever has root there.</summary>
internal sealed class MembershipService(
    FabricStore store, FabricMember member, HostStore hosts, HostLibvirt libvirt, VolumeStore volumes, ImageJobs images, PeerChannels peers) : Membership.MembershipBase
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

        var (publicKey, certificateRequest) = await FabricKeys.PrepareAsync(fabricId, context.CancellationToken);
        return new MemberKeys { MachineId = MachineFacts.MachineId, WireguardPublicKey = publicKey, CertificateRequest = ByteString.CopyFrom(certificateRequest) };
    }

    public override async Task<FabricFacts> Change(ChangeRequest request, ServerCallContext context)
    {
        FabricIds.Checked(request.FabricId);
        await FindHomesAsync(request, context.CancellationToken);
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
        FabricIds.Checked(request.FabricId);
        var facts = await store.TakeAsync(request);
        await member.ActAsync(context.CancellationToken);
        return new ApplyReply { Version = facts.Version };
    }

    public override Task<FabricFacts> Export(FabricRequest request, ServerCallContext context) => Task.FromResult(Known(store.Current, request.FabricId));

    public override async Task<LeaveReply> Leave(LeaveRequest request, ServerCallContext context)
    {
        var fabricId = FabricIds.Checked(request.FabricId);
        if (store.Current is { } facts && facts.FabricId == fabricId)
        {
            await RefuseWithDomainsAsync(facts, context.CancellationToken);
            RefuseWithVolumes(facts);
            await store.ForgetAsync();
            await member.ActAsync(context.CancellationToken);
            await images.SweepAsync(context.CancellationToken);
        }
        else if (Directory.Exists(AgentPaths.Fabric(fabricId)))
        {
            Directory.Delete(AgentPaths.Fabric(fabricId), recursive: true); // keys of a fabric that never came to be
        }

        return new LeaveReply();
    }

    /// <summary>Images that only a leaving member has for certain go to another one first.</summary>
    private async Task FindHomesAsync(ChangeRequest change, CancellationToken cancellationToken)
    {
        if (store.Current is not { } facts || change.Leave.Count == 0)
        {
            return;
        }

        foreach (var image in facts.Images.Where(image => image.Stored is not null && change.Leave.Contains(image.Home)))
        {
            // Where they go is told by the same rule once those are gone.
            var after = facts.Clone();
            foreach (var leaving in facts.Members.Where(other => change.Leave.Contains(other.MachineId)))
            {
                after.Members.Remove(leaving);
            }

            ImageHomes.Move(after);
            var home = after.Members.FirstOrDefault(other => other.MachineId == after.Images.Single(moved => moved.Sha256 == image.Sha256).Home);
            if (home?.MachineId == MachineFacts.MachineId)
            {
                await images.EnsureAsync(image.Sha256, static _ => { }, cancellationToken);
            }
            else if (home is not null)
            {
                await peers.To(facts, home).KeepImageAsync(new KeepImageRequest { Sha256 = image.Sha256 }, cancellationToken: cancellationToken);
            }
        }
    }

    private void RefuseWithVolumes(FabricFacts facts)
    {
        if (volumes.List() is { Count: > 0 } kept)
        {
            throw new AgentException(AgentFault.NotPossible,
                $"volumes of the fabric {facts.Settings.Name} are on the host: {string.Join(", ", kept.Select(volume => volume.Name))}; delete them, or save what is on them, first");
        }
    }

    private async Task RefuseWithDomainsAsync(FabricFacts facts, CancellationToken cancellationToken)
    {
        if (!HostLibvirt.IsInstalled)
        {
            return;
        }

        var domains = await BlanketDomains.ListAsync(await libvirt.GetAsync(cancellationToken), cancellationToken);
        string[] ours = [.. domains.Where(domain => domain.FabricId == facts.FabricId).Select(domain => domain.Name)];
        if (ours.Length > 0)
        {
            throw new AgentException(AgentFault.NotPossible,
                $"virtual machines of the fabric {facts.Settings.Name} are on the host: {string.Join(", ", ours)}; delete them, or set another `host` for them, first");
        }
    }

    private static FabricFacts Known(FabricFacts? facts, string fabricId)
        => facts?.FabricId == fabricId ? facts : throw new AgentException(AgentFault.NotPossible, $"the host is not in the fabric {fabricId}");
}
