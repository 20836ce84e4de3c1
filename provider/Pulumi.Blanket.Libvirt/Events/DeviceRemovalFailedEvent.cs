using Pulumi.Blanket.Libvirt.Domains;

namespace Pulumi.Blanket.Libvirt.Events;

/// <summary>The guest does not let go of a device that was to be detached.</summary>
/// <param name="Device">Its alias, such as <c>net0</c>.</param>
public sealed record DeviceRemovalFailedEvent(DomainReference Domain, string Device) : DomainEvent;
