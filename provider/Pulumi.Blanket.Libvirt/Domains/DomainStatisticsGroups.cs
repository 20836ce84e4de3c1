namespace Pulumi.Blanket.Libvirt.Domains;

/// <summary>Groups of figures; none is all (<c>virDomainStatsTypes</c>).</summary>
[Flags]
public enum DomainStatisticsGroups : uint
{
    None = 0,
    State = 1 << 0,
    CpuTotal = 1 << 1,
    Balloon = 1 << 2,
    Vcpu = 1 << 3,
    Interface = 1 << 4,
    Block = 1 << 5,
    Perf = 1 << 6,
    Iothread = 1 << 7,
    Memory = 1 << 8,
    Dirtyrate = 1 << 9,
    Vm = 1 << 10,
}
