using Pulumi.Blanket.Agent.Hypervisor;
using Pulumi.Blanket.Agent.Machine;
using Pulumi.Blanket.Libvirt.Errors;

namespace Pulumi.Blanket.Agent.Hosts;

/// <summary>What an adoption made, and somebody has taken away since.</summary>
internal static class AdoptionDamage
{
    /// <returns>In words; empty where all of it is there. A libvirtd that does not answer says nothing about its pool.</returns>
    public static async Task<IReadOnlyList<string>> FindAsync(HostLibvirt libvirt, CancellationToken cancellationToken)
    {
        List<string> damage = [];
        if (PackagePlan.Missing() is { Count: > 0 } packages)
        {
            damage.Add($"what these packages hold: {string.Join(", ", packages)}");
        }

        if (!AgentAccount.IsMade())
        {
            damage.Add($"the account '{AgentAccount.Name}'");
        }

        damage.AddRange((await LibvirtSettings.FindUnsetAsync(cancellationToken)).Select(static path => $"our settings in {path}"));
        try
        {
            if (HostLibvirt.IsInstalled && !await StoragePool.IsRunningAsync(await libvirt.GetAsync(cancellationToken), cancellationToken))
            {
                damage.Add($"the storage pool '{StoragePool.Name}'");
            }
        }
        catch (Exception fault) when (fault is LibvirtException or AgentException)
        {
            // Whoever needs the pool will be told.
        }

        return damage;
    }
}
