using Pulumi.Blanket.Libvirt.Domains;

namespace Pulumi.Blanket.Libvirt.Events;

/// <summary>The guest restarted by itself.</summary>
public sealed record DomainRebootEvent(DomainReference Domain) : DomainEvent;
