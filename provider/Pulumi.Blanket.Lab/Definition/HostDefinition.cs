namespace Pulumi.Blanket.Lab.Definition;

/// <summary>One host of a lab, as its user describes it.</summary>
public sealed record HostDefinition
{
    public const int DefaultRateMbps = 1000;
    public const int DefaultStorageGiB = 8;
    public const string DefaultRegion = "local";

    /// <summary>Lower-case letters, digits and hyphens, at most 32; unique in the lab.</summary>
    public required string Name { get; init; }

    /// <summary>The cloud that the host plays in, such as <c>aws</c>. Default: the name up to its last hyphen.</summary>
    public required string Cloud { get; init; }

    /// <summary>The cloud's region. Default: <c>local</c>.</summary>
    public string Region { get; init; } = DefaultRegion;

    /// <summary>Rate of the host's link to the WAN, in Mbit/s, each way; 1 to 10,000.</summary>
    public int RateMbps { get; init; } = DefaultRateMbps;

    /// <summary>Size of the host's file system, in GiB; 1 to 1,024. Takes room on the machine only as it fills.</summary>
    public int StorageGiB { get; init; } = DefaultStorageGiB;

    /// <summary>True for a host without libvirt and QEMU, and with a package repository to install them from.</summary>
    public bool Bare { get; init; }

    /// <summary>The host through which this one can be reached: it stands in a private network behind NAT. Null: on the WAN.</summary>
    public string? Behind { get; init; }
}
