namespace Pulumi.Blanket.Libvirt.Xml;

/// <summary>What a guest takes a disk for.</summary>
public enum DiskDevice
{
    Disk,
    Cdrom,
}
