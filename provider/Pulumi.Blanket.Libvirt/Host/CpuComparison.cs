namespace Pulumi.Blanket.Libvirt.Host;

/// <summary>A CPU against the host's (<c>virCPUCompareResult</c>).</summary>
public enum CpuComparison
{
    Error = -1,

    /// <summary>The host lacks something of it.</summary>
    Incompatible = 0,

    Identical = 1,

    /// <summary>The host has all of it, and more.</summary>
    HostHasMore = 2,
}
