namespace Pulumi.Blanket.Libvirt.Storage;

/// <summary>How to make a volume (<c>virStorageVolCreateFlags</c>).</summary>
[Flags]
public enum VolumeCreateOptions : uint
{
    None = 0,
    PreallocMetadata = 1 << 0,
    Reflink = 1 << 1,
    Validate = 1 << 2,
}
