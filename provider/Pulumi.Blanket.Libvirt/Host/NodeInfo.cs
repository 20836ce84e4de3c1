namespace Pulumi.Blanket.Libvirt.Host;

/// <summary>The host's CPUs and memory (<c>struct remote_node_get_info_ret</c>).</summary>
/// <param name="Model">Architecture, such as <c>x86_64</c>.</param>
/// <param name="MemoryKiB">The sum over NUMA nodes (<c>virHostMemGetInfo</c>), seen to be a third of <see cref="NodeMemory.TotalKiB"/>, which comes from <c>/proc/meminfo</c> and is the one to rely on.</param>
/// <param name="Cpus">Those that are online.</param>
/// <param name="Sockets">Per NUMA node.</param>
/// <param name="Cores">Per socket.</param>
/// <param name="Threads">Per core.</param>
public sealed record NodeInfo(string Model, ulong MemoryKiB, int Cpus, int Mhz, int NumaNodes, int Sockets, int Cores, int Threads);
