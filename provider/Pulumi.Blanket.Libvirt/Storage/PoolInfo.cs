namespace Pulumi.Blanket.Libvirt.Storage;

/// <summary>A pool's state and room; as of its last refresh.</summary>
public sealed record PoolInfo(PoolState State, ulong CapacityBytes, ulong AllocationBytes, ulong AvailableBytes);
