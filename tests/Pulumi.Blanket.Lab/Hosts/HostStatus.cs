namespace Pulumi.Blanket.Lab;

public enum HostPower
{
    Off,
    On,

    /// <summary>On, with all its processes stopped by <see cref="LabHost.FreezeAsync"/>.</summary>
    Frozen,
}

/// <summary>A host as it is now.</summary>
/// <param name="Guests">Its libvirt domains; null when libvirt does not answer (within 5 s), or is not installed.</param>
/// <param name="DiskUsedMiB">What is used of its file system; null when the host is not on.</param>
public sealed record HostStatus(HostPower Power, IReadOnlyList<GuestListing>? Guests, long? DiskUsedMiB);

/// <summary>A libvirt domain and its state in virsh's words, such as <c>running</c>.</summary>
public sealed record GuestListing(string Name, string State);
