using Pulumi.Blanket.Libvirt.Domains;

namespace Pulumi.Blanket.Agent.Volumes;

/// <summary>Who uses volumes on this member.</summary>
internal interface IVolumeUsers
{
    /// <returns>Null where nobody uses it.</returns>
    Task<VolumeUser?> FindAsync(string uuid, CancellationToken cancellationToken);
}

/// <summary>The VM that a volume is a disk of.</summary>
internal sealed record VolumeUser(string Uuid, string Name, bool IsActive, DomainReference Domain);
