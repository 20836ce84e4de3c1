namespace Pulumi.Blanket.Libvirt.Events;

/// <summary>Kinds of events that libvirt sends of domains (<c>virDomainEventID</c> in <c>include/libvirt/libvirt-domain.h</c>).</summary>
public enum DomainEventKind
{
    Lifecycle = 0,
    Reboot = 1,
    IoError = 6,
    DeviceRemoved = 15,
    AgentLifecycle = 18,
    MigrationIteration = 20,
    JobCompleted = 21,
    DeviceRemovalFailed = 22,
}
