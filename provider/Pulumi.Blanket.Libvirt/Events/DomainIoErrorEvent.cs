using Pulumi.Blanket.Libvirt.Domains;

namespace Pulumi.Blanket.Libvirt.Events;

/// <summary>A disk could not be read or written.</summary>
/// <param name="Device">Alias of the disk, such as <c>virtio-disk0</c>.</param>
/// <param name="Action">0 nothing was done, 1 the guest is paused, 2 the guest was told.</param>
/// <param name="Reason"><c>enospc</c> where the disk is full, or empty.</param>
public sealed record DomainIoErrorEvent(DomainReference Domain, string Path, string Device, int Action, string Reason) : DomainEvent;
