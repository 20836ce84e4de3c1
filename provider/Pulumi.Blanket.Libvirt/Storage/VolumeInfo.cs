namespace Pulumi.Blanket.Libvirt.Storage;

/// <summary>A volume's size.</summary>
/// <param name="Type">0 file, 1 block device, 2 folder (<c>virStorageVolType</c>).</param>
/// <param name="CapacityBytes">As a guest sees it.</param>
/// <param name="AllocationBytes">What it takes up.</param>
public sealed record VolumeInfo(int Type, ulong CapacityBytes, ulong AllocationBytes);
