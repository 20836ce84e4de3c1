using Pulumi.Blanket.Agent.Fabrics;
using Pulumi.Blanket.Agent.Hosts;
using Pulumi.Blanket.Agent.Hypervisor;
using Pulumi.Blanket.Agent.Machine;

namespace Pulumi.Blanket.Agent.Commands;

/// <summary>
/// Removes the agent from the host, with every file of its own. Only once nobody has adopted the host any more, and never with a VM or a
/// disk of ours still on it, whatever the records say.
/// </summary>
internal static class UninstallCommand
{
    public static async Task<int> RunAsync()
    {
        using var lockFile = await InstallationLock.TakeAsync();
        await RefuseInUseAsync();
        if (File.Exists(AgentPaths.Unit))
        {
            // Whoever came in since is seen once the agent takes no calls any more.
            await SystemdUnit.RunAsync("stop", Path.GetFileName(AgentPaths.Unit));
            try
            {
                await RefuseInUseAsync();
            }
            catch (AgentException)
            {
                await SystemdUnit.RunAsync("start", Path.GetFileName(AgentPaths.Unit));
                throw;
            }
        }

        await SystemdUnit.RemoveAsync(AgentPaths.WireGuardUnit);
        await SystemdUnit.RemoveAsync(AgentPaths.Unit);
        DurableFile.Delete(AgentPaths.Program);
        foreach (var folder in new[] { AgentPaths.Runtime, AgentPaths.State })
        {
            if (Directory.Exists(folder))
            {
                Directory.Delete(folder, recursive: true);
            }
        }

        Uploads.Remove(Environment.GetEnvironmentVariable("HOME"), TimeSpan.Zero);
        return ExitCodes.Done;
    }

    /// <exception cref="AgentException">Somebody, or something that must not be lost, is on the host.</exception>
    private static async Task RefuseInUseAsync()
    {
        if (new FabricStore().Current is { } fabric)
        {
            throw new AgentException(AgentFault.NotPossible, $"the host is a member of the fabric {fabric.Settings.Name}; take it out of the fabric first, or, where the fabric is gone, run `blanket-agent leave`");
        }

        if (new HostStore().Record is { } record)
        {
            throw new AgentException(AgentFault.NotPossible, $"the host is still in use, by {string.Join(", ", record.Owners)}; delete that first");
        }

        StoragePool.RefuseWithFiles();
        if (!HostLibvirt.IsInstalled)
        {
            return;
        }

        await using HostLibvirt libvirt = new();
        var domains = await BlanketDomains.ListAsync(await libvirt.GetAsync(CancellationToken.None), CancellationToken.None);
        if (domains.Count > 0)
        {
            throw new AgentException(AgentFault.NotPossible, $"virtual machines are on the host: {string.Join(", ", domains.Select(domain => domain.Name))}; delete them first");
        }
    }
}
