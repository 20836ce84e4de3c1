namespace Pulumi.Blanket.Lab.Hosts;

/// <summary>A host as it is now.</summary>
/// <param name="Guests">Its libvirt domains; null when libvirt does not answer (within 5 s), or is not installed.</param>
/// <param name="DiskUsedMiB">What is used of its file system; null when the host is not on.</param>
public sealed record HostStatus(HostPower Power, IReadOnlyList<GuestListing>? Guests, long? DiskUsedMiB);
