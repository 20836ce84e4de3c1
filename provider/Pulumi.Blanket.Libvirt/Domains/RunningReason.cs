namespace Pulumi.Blanket.Libvirt.Domains;

/// <summary>Why a domain runs (<c>virDomainRunningReason</c>).</summary>
public enum RunningReason
{
    Unknown = 0,
    Booted = 1,
    Migrated = 2,
    Restored = 3,
    FromSnapshot = 4,
    Unpaused = 5,
    MigrationCanceled = 6,
    SaveCanceled = 7,
    Wakeup = 8,
    Crashed = 9,
    PostCopy = 10,
    PostCopyFailed = 11,
}
