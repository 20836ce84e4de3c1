namespace Pulumi.Blanket.Libvirt.Domains;

/// <summary>Why a domain is off (<c>virDomainShutoffReason</c>).</summary>
public enum ShutOffReason
{
    Unknown = 0,
    Shutdown = 1,
    Destroyed = 2,
    Crashed = 3,
    Migrated = 4,
    Saved = 5,
    Failed = 6,
    FromSnapshot = 7,
    Daemon = 8,
}
