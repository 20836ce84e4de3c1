namespace Pulumi.Blanket.Libvirt;

/// <summary>The guest restarted by itself.</summary>
public sealed record DomainRebootEvent(DomainReference Domain) : DomainEvent;
