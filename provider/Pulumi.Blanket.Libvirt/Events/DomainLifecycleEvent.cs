using Pulumi.Blanket.Libvirt.Domains;

namespace Pulumi.Blanket.Libvirt.Events;

/// <summary>A domain was defined, started, paused, stopped, and so on.</summary>
/// <param name="Detail">Why, as a number whose meaning <see cref="DomainLifecycle"/>'s members tell.</param>
public sealed record DomainLifecycleEvent(DomainReference Domain, DomainLifecycle Lifecycle, int Detail) : DomainEvent;
