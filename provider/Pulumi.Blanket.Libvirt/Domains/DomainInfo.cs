namespace Pulumi.Blanket.Libvirt.Domains;

/// <summary>A domain's figures (<c>struct remote_domain_get_info_ret</c>).</summary>
/// <param name="MaxMemoryKiB">What the domain was started with, or is defined with.</param>
/// <param name="MemoryKiB">What the balloon leaves it.</param>
public sealed record DomainInfo(DomainState State, ulong MaxMemoryKiB, ulong MemoryKiB, int Vcpus, TimeSpan CpuTime);
