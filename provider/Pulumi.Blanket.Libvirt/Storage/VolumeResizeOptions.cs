namespace Pulumi.Blanket.Libvirt.Storage;

/// <summary>How to resize a volume (<c>virStorageVolResizeFlags</c>).</summary>
[Flags]
public enum VolumeResizeOptions : uint
{
    None = 0,
    Allocate = 1 << 0,
    Delta = 1 << 1,
    Shrink = 1 << 2,
}
