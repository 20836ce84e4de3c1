using Pulumi.Blanket.Libvirt.Domains;
using Pulumi.Blanket.Libvirt.Migration;
using Pulumi.Blanket.Libvirt.Parameters;

namespace Pulumi.Blanket.Libvirt.Events;

/// <summary>A job, such as a migration, ended. Only the source of a migration says so, and not after an abort (measured with 9.0.0).</summary>
public sealed record JobCompletedEvent(DomainReference Domain, TypedParameters Parameters) : DomainEvent
{
    public JobStatistics Statistics => new(JobType.Completed, Parameters);
}
