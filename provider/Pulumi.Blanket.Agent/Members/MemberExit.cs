using Pulumi.Blanket.Agent.Fabrics;
using Pulumi.Blanket.Agent.Hypervisor;
using Pulumi.Blanket.Agent.Images;
using Pulumi.Blanket.Agent.Machine;
using Pulumi.Blanket.Agent.Registry;
using Pulumi.Blanket.Agent.Volumes;
using Pulumi.Blanket.Contract;

namespace Pulumi.Blanket.Agent.Members;

/// <summary>How a member goes out of its fabric: what the others have to have first, and what it takes off itself.</summary>
internal sealed class MemberExit(FabricStore store, FabricMember member, HostLibvirt libvirt, VolumeStore volumes, ImageJobs images, PeerChannels peers)
{
    /// <summary>This member leaves. Can be repeated.</summary>
    /// <exception cref="AgentException">Something of the fabric is on it.</exception>
    public async Task LeaveAsync(string fabricId, CancellationToken cancellationToken)
    {
        if (store.Current is { } facts && facts.FabricId == fabricId)
        {
            await RefuseWithDomainsAsync(facts, cancellationToken);
            RefuseWithVolumes(facts);
            await store.ForgetAsync();
            await member.ActAsync(cancellationToken);
            await images.SweepAsync(cancellationToken);
        }
        else if (Directory.Exists(AgentPaths.Fabric(fabricId)) && FabricKeys.AreAllIn(AgentPaths.Fabric(fabricId)))
        {
            Directory.Delete(AgentPaths.Fabric(fabricId), recursive: true); // keys of a fabric that never came to be
        }
    }

    /// <summary>At the primary: a departing member has nothing any more, and is none from now on. Acting on that, which ends the link to it, is the caller's, once it has answered.</summary>
    /// <exception cref="AgentException">It does not depart, or something is registered to be on it or on its way to it.</exception>
    public async Task DischargeAsync(string machine, CancellationToken cancellationToken)
    {
        await FindHomesAsync([machine], cancellationToken);
        await store.TryChangeAsync(facts => facts is null ? null : FabricChange.Discharge(facts, machine));
    }

    /// <summary>Images that only leaving members have for certain go to another one first.</summary>
    public async Task FindHomesAsync(IReadOnlyCollection<string> leaving, CancellationToken cancellationToken)
    {
        if (store.Current is not { } facts || leaving.Count == 0)
        {
            return;
        }

        foreach (var image in facts.Images.Where(image => image.Stored is not null && leaving.Contains(image.Home)))
        {
            // Where they go is told by the same rule once those are gone.
            var after = facts.Clone();
            foreach (var gone in facts.Members.Where(other => leaving.Contains(other.MachineId)))
            {
                after.Members.Remove(gone);
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
}
