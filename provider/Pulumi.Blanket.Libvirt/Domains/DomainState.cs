namespace Pulumi.Blanket.Libvirt.Domains;

/// <summary><c>virDomainState</c> in <c>include/libvirt/libvirt-domain.h</c>.</summary>
public enum DomainState
{
    None = 0,
    Running = 1,
    Blocked = 2,
    Paused = 3,
    ShuttingDown = 4,
    ShutOff = 5,
    Crashed = 6,
    PowerManagementSuspended = 7,
}
