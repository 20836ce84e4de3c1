namespace Pulumi.Blanket.Libvirt.Storage;

/// <summary><c>virStoragePoolState</c> in <c>include/libvirt/libvirt-storage.h</c>.</summary>
public enum PoolState
{
    Inactive = 0,
    Building = 1,
    Running = 2,
    Degraded = 3,
    Inaccessible = 4,
}
