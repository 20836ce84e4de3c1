using Pulumi.Blanket.Libvirt.Domains;

namespace Pulumi.Blanket.Libvirt.Events;

/// <summary>The guest's own agent came or went.</summary>
/// <param name="Reason">1 the domain started, 2 the channel was opened or closed, 0 unknown.</param>
public sealed record AgentLifecycleEvent(DomainReference Domain, bool Connected, int Reason) : DomainEvent;
