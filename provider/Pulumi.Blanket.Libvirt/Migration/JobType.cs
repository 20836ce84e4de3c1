namespace Pulumi.Blanket.Libvirt.Migration;

/// <summary><c>virDomainJobType</c> in <c>include/libvirt/libvirt-domain.h</c>.</summary>
public enum JobType
{
    None = 0,

    /// <summary>Runs, and its end can be told.</summary>
    Bounded = 1,

    /// <summary>Runs, and its end can't be told.</summary>
    Unbounded = 2,

    Completed = 3,
    Failed = 4,
    Cancelled = 5,
}
