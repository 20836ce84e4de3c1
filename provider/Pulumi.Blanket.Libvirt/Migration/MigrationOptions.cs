namespace Pulumi.Blanket.Libvirt.Migration;

/// <summary>How to migrate (<c>virDomainMigrateFlags</c>).</summary>
[Flags]
public enum MigrationOptions : uint
{
    None = 0,
    Live = 1 << 0,
    PeerToPeer = 1 << 1,
    Tunnelled = 1 << 2,
    PersistAtTarget = 1 << 3,
    UndefineSource = 1 << 4,
    Paused = 1 << 5,
    CopyDisks = 1 << 6,
    CopyDisksIncrementally = 1 << 7,
    ChangeProtection = 1 << 8,
    Unsafe = 1 << 9,
    Offline = 1 << 10,
    Compressed = 1 << 11,
    AbortOnError = 1 << 12,
    AutoConverge = 1 << 13,
    RdmaPinAll = 1 << 14,
    PostCopy = 1 << 15,
    Tls = 1 << 16,
    Parallel = 1 << 17,
    NonSharedSynchronousWrites = 1 << 18,
    PostCopyResume = 1 << 19,
    ZeroCopy = 1 << 20,
}
