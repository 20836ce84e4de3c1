using Pulumi.Blanket.Libvirt.Domains;

namespace Pulumi.Blanket.Libvirt.Events;

/// <summary>A migration begins another pass over memory. Only the source says so.</summary>
/// <param name="Iteration">From 1.</param>
public sealed record MigrationIterationEvent(DomainReference Domain, int Iteration) : DomainEvent;
