using Pulumi.Blanket.Agent.Fabrics;
using Pulumi.Blanket.Agent.Hypervisor;
using Pulumi.Blanket.Agent.Layers;
using Pulumi.Blanket.Agent.Machine;
using Pulumi.Blanket.Agent.Serving;
using Pulumi.Blanket.Contract;

namespace Pulumi.Blanket.Agent.Hosts;

/// <summary>
/// Makes a machine a blanket host, and takes that back. One at a time; each step looks first whether it is done already, so that an
/// adoption that was cut anywhere is carried on by the next.
/// </summary>
internal sealed class Adoption(HostStore store, HostLibvirt libvirt, HostInspector inspector, FabricStore fabrics) : IDisposable
{
    private readonly SemaphoreSlim _oneAtATime = new(1);

    /// <exception cref="AgentException">The machine can't be one, or not with these settings.</exception>
    public async Task<HostFacts> AdoptAsync(string urn, HostSettings settings, Action<string> progress, CancellationToken cancellationToken)
    {
        await _oneAtATime.WaitAsync(cancellationToken);
        try
        {
            if (settings.Layer == Layer.Xen)
            {
                throw new AgentException(AgentFault.NotPossible, "layer 'xen' is not supported yet; use 'auto', 'kvm' or 'qemu'");
            }

            CheckLimit(settings);
            CheckFabric(settings);
            store.Change(record =>
            {
                record.Settings = settings;
                record.Complete = false;
                if (!record.Owners.Contains(urn))
                {
                    record.Owners.Add(urn);
                }
            });

            await InstallAsync(settings, progress, cancellationToken);
            var layer = await ProveAsync(settings, progress, cancellationToken);
            await AgentAccount.MakeAsync(() => store.Change(static record => record.MadeAccount = true), cancellationToken);

            await AgentSocket.OpenToAccountAsync(cancellationToken);

            await LibvirtSettings.ApplyAsync(progress, cancellationToken);
            await StoragePool.MakeAsync(await libvirt.GetAsync(cancellationToken), () => store.Change(static record => record.MadePool = true), cancellationToken);

            store.Change(record =>
            {
                record.ActiveLayer = layer;
                record.Complete = true;
            });
            return await inspector.InspectAsync(cancellationToken);
        }
        finally
        {
            _oneAtATime.Release();
        }
    }

    /// <returns>Who still holds the host; nothing is taken back while anybody does.</returns>
    /// <exception cref="AgentException">Domains of ours, or a fabric, are on the host.</exception>
    public async Task<IReadOnlyList<string>> ReleaseAsync(string urn, CancellationToken cancellationToken)
    {
        await _oneAtATime.WaitAsync(cancellationToken);
        try
        {
            if (store.Record is not { } record)
            {
                // Nobody's, and still not to be lost.
                await RefuseWithDomainsAsync(cancellationToken);
                StoragePool.RefuseWithFiles();
                return [];
            }

            string[] others = [.. record.Owners.Where(owner => owner != urn)];
            if (others.Length > 0)
            {
                store.Change(changed => changed.Owners.Remove(urn));
                return others;
            }

            await RefuseWithDomainsAsync(cancellationToken);
            StoragePool.RefuseWithFiles();
            if (fabrics.Current is { } fabric)
            {
                throw new AgentException(AgentFault.NotPossible,
                    $"the host is a member of the fabric {fabric.Settings.Name} ({fabric.FabricId}); take it out of the fabric's `hosts`, or delete the fabric, first; where the fabric is gone, or has given it up as lost, run `blanket-agent leave` on it");
            }

            await TakeBackAsync(record, cancellationToken);
            store.Delete();
            return [];
        }
        finally
        {
            _oneAtATime.Release();
        }
    }

    /// <summary>After a reboot: libvirt starts no pool of ours by itself.</summary>
    public async Task RestoreAsync(CancellationToken cancellationToken)
    {
        if (store.Record is { Complete: true })
        {
            await StoragePool.MakeAsync(await libvirt.GetAsync(cancellationToken), static () => { }, cancellationToken);
        }
    }

    public void Dispose() => _oneAtATime.Dispose();

    private async Task RefuseWithDomainsAsync(CancellationToken cancellationToken)
    {
        if (!HostLibvirt.IsInstalled)
        {
            return;
        }

        var domains = await BlanketDomains.ListAsync(await libvirt.GetAsync(cancellationToken), cancellationToken);
        if (domains.Count > 0)
        {
            throw new AgentException(AgentFault.NotPossible,
                $"virtual machines are on the host: {string.Join(", ", domains.Select(domain => domain.Name))}; delete them, or set another `host` for them, first");
        }
    }

    private async Task TakeBackAsync(HostRecord record, CancellationToken cancellationToken)
    {
        if (HostLibvirt.IsInstalled)
        {
            if (record.MadePool)
            {
                await StoragePool.RemoveAsync(await libvirt.GetAsync(cancellationToken), cancellationToken);
            }

            await LibvirtSettings.RemoveAsync(cancellationToken);
        }

        if (record.MadeAccount)
        {
            await AgentAccount.RemoveAsync(cancellationToken);
        }

        UserFaults.TakeBack();
        await SystemdUnit.RemoveAsync(AgentPaths.WireGuardUnit, cancellationToken);
    }

    private static async Task InstallAsync(HostSettings settings, Action<string> progress, CancellationToken cancellationToken)
    {
        var missing = PackagePlan.Missing();
        if (missing.Count == 0)
        {
            return;
        }

        if (!settings.Install || !PackagePlan.CanInstall)
        {
            throw new AgentException(AgentFault.NotPossible,
                $"the host ({MachineFacts.OperatingSystem}) lacks what these Debian packages hold: {string.Join(", ", missing)}. "
                + (settings.Install ? "It has no apt, so install them by hand with its own package manager, and run it again" : "Install them by hand, or set `install: true`"));
        }

        await PackageInstaller.InstallAsync(missing, progress, cancellationToken);
        if (PackagePlan.Missing() is { Count: > 0 } still)
        {
            throw new AgentException(AgentFault.NotPossible, $"after an installation without errors the host still lacks {string.Join(", ", still)}; install them by hand, and run it again");
        }
    }

    private async Task<Layer> ProveAsync(HostSettings settings, Action<string> progress, CancellationToken cancellationToken)
    {
        var facts = await inspector.InspectAsync(cancellationToken, ProofUse.TryAgain);
        var layer = LayerChoice.Choose(settings.Layer, facts.KvmProof, facts.KvmFault, facts.ActiveLayer, fabrics.Current?.Settings.Name);
        if (layer == Layer.Qemu && settings.Layer == Layer.Unspecified && facts.KvmProof != KvmProof.Proven)
        {
            progress($"layer qemu (software emulation, slow): {facts.KvmFault}");
        }

        return layer;
    }

    private static void CheckLimit(HostSettings settings)
    {
        var machine = MachineFacts.Capacity;
        List<string> faults = [];
        if (settings.HasLimitVcpus && settings.LimitVcpus > machine.Vcpus)
        {
            faults.Add($"limit.vcpus is {settings.LimitVcpus}, the machine has {machine.Vcpus}");
        }

        if (settings.HasLimitMemoryMib && settings.LimitMemoryMib > machine.MemoryMib)
        {
            faults.Add($"limit.memoryMiB is {settings.LimitMemoryMib}, the machine has {machine.MemoryMib}");
        }

        if (settings.HasLimitStorageGib && settings.LimitStorageGib > machine.StorageGib)
        {
            faults.Add($"limit.storageGiB is {settings.LimitStorageGib}, the machine has {machine.StorageGib}");
        }

        if (faults.Count > 0)
        {
            throw new AgentException(AgentFault.NotPossible, $"the limit is more than there is: {string.Join("; ", faults)}. Lower it; to give guests more than that in all, use `oversubscription`");
        }
    }

    private void CheckFabric(HostSettings settings)
    {
        if (fabrics.Current is { } fabric && store.Record?.Settings is { } now && now.Name != settings.Name)
        {
            throw new AgentException(AgentFault.NotPossible,
                $"the host's name can't change from {now.Name} to {settings.Name} while it is a member of the fabric {fabric.Settings.Name}, whose VMs know it by that name; take it out of the fabric first");
        }
    }
}
