namespace Pulumi.Blanket.Libvirt.Host;

/// <summary>The host's memory (<c>VIR_NODE_MEMORY_STATS_*</c>); what libvirt does not tell is null.</summary>
public sealed record NodeMemory(ulong? TotalKiB, ulong? FreeKiB, ulong? BuffersKiB, ulong? CachedKiB);
