namespace Pulumi.Blanket.Libvirt;

/// <summary>What a guest takes a disk for.</summary>
public enum DiskDevice
{
    Disk,
    Cdrom,
}
