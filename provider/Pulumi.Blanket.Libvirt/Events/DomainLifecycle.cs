namespace Pulumi.Blanket.Libvirt.Events;

/// <summary>What became of a domain (<c>virDomainEventType</c> in <c>include/libvirt/libvirt-domain.h</c>).</summary>
public enum DomainLifecycle
{
    /// <summary>Defined, or its definition changed.</summary>
    Defined = 0,
    Undefined = 1,

    /// <summary>Detail 0 booted, 1 arrives by migration, 2 restored.</summary>
    Started = 2,

    /// <summary>Detail 0 paused, 1 for migration, 2 I/O error, 7 post-copy at the source, 8 post-copy failed.</summary>
    Suspended = 3,

    /// <summary>Detail 0 unpaused, 1 after migration, 3 post-copy at the target, 4 post-copy failed.</summary>
    Resumed = 4,

    /// <summary>Detail 0 shut down, 1 destroyed, 2 crashed, 3 migrated away, 4 saved, 5 failed.</summary>
    Stopped = 5,

    /// <summary>The guest has shut down; its process is still there.</summary>
    Shutdown = 6,
    PowerManagementSuspended = 7,
    Crashed = 8,
}
