namespace Pulumi.Blanket.Libvirt.Domains;

/// <summary>A disk's size.</summary>
/// <param name="CapacityBytes">As the guest sees it.</param>
/// <param name="AllocationBytes">The highest place in the image that holds data.</param>
/// <param name="PhysicalBytes">The size of the file or device behind it.</param>
public sealed record BlockInfo(ulong CapacityBytes, ulong AllocationBytes, ulong PhysicalBytes);
