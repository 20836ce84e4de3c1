using System.Xml.Linq;
using Pulumi.Blanket.Libvirt.Host;
using Pulumi.Blanket.Libvirt.Wire;

namespace Pulumi.Blanket.Libvirt;

// The host: versions, capabilities, CPUs, memory.
public sealed partial class LibvirtClient
{
    /// <summary>libvirt's version.</summary>
    public Task<Version> GetLibraryVersionAsync(CancellationToken cancellationToken = default)
        => CallAsync(Procedures.ConnectGetLibVersion, null, ReadVersion, cancellationToken);

    /// <summary>The version of the hypervisor, such as QEMU's.</summary>
    public Task<Version> GetHypervisorVersionAsync(CancellationToken cancellationToken = default)
        => CallAsync(Procedures.ConnectGetVersion, null, ReadVersion, cancellationToken);

    public Task<string> GetHostnameAsync(CancellationToken cancellationToken = default)
        => CallAsync(Procedures.ConnectGetHostname, null, (ref reader) => reader.ReadString(), cancellationToken);

    /// <summary>The driver's canonical address, such as <c>qemu:///system</c>.</summary>
    public Task<string> GetUriAsync(CancellationToken cancellationToken = default)
        => CallAsync(Procedures.ConnectGetUri, null, (ref reader) => reader.ReadString(), cancellationToken);

    /// <summary>The host's CPU and guests that it can run: <c>&lt;capabilities&gt;</c>.</summary>
    public Task<XElement> GetCapabilitiesAsync(CancellationToken cancellationToken = default)
        => CallXmlAsync(Procedures.ConnectGetCapabilities, null, cancellationToken);

    /// <summary>What domains of a kind can have: <c>&lt;domainCapabilities&gt;</c>. Null leaves each to libvirt.</summary>
    public Task<XElement> GetDomainCapabilitiesAsync(string? emulator = null, string? architecture = null, string? machine = null, string? domainType = null, CancellationToken cancellationToken = default)
        => CallXmlAsync(Procedures.ConnectGetDomainCapabilities,
            writer => writer.OptionalString(emulator).OptionalString(architecture).OptionalString(machine).OptionalString(domainType).UInt(0), cancellationToken);

    public Task<NodeInfo> GetNodeInfoAsync(CancellationToken cancellationToken = default)
        => CallAsync(Procedures.NodeGetInfo, null, (ref reader) => new NodeInfo(
            reader.ReadCharVector(32), reader.ReadUHyper(), reader.ReadInt(), reader.ReadInt(), reader.ReadInt(), reader.ReadInt(), reader.ReadInt(), reader.ReadInt()), cancellationToken);

    public async Task<NodeMemory> GetNodeMemoryAsync(CancellationToken cancellationToken = default)
    {
        // libvirt takes exactly the number of figures that it has, which it tells when asked for none.
        var count = await CallAsync(Procedures.NodeGetMemoryStats, writer => writer.Int(0).Int(AllCells).UInt(0),
            (ref reader) => ReadNodeMemory(ref reader) is { Count: 0 } ? reader.ReadInt() : throw XdrReader.Malformed("figures that were not asked for"), cancellationToken);
        var figures = await CallAsync(Procedures.NodeGetMemoryStats, writer => writer.Int(count).Int(AllCells).UInt(0), ReadNodeMemory, cancellationToken);
        return new NodeMemory(Figure("total"), Figure("free"), Figure("buffers"), Figure("cached"));

        ulong? Figure(string name) => figures.Where(figure => figure.Name == name).Select(figure => (ulong?)figure.Value).FirstOrDefault();
    }

    /// <summary>From the same source as <see cref="NodeInfo.MemoryKiB"/>; prefer <see cref="GetNodeMemoryAsync"/>.</summary>
    public Task<ulong> GetFreeMemoryBytesAsync(CancellationToken cancellationToken = default)
        => CallAsync(Procedures.NodeGetFreeMemory, null, (ref reader) => reader.ReadUHyper(), cancellationToken);

    /// <summary>The most that several hosts' CPUs have in common, whatever runs on them.</summary>
    /// <param name="cpus">Each the <c>&lt;cpu&gt;</c> of a host's capabilities.</param>
    public Task<XElement> GetBaselineCpuAsync(IReadOnlyCollection<XElement> cpus, BaselineCpuOptions options = BaselineCpuOptions.None, CancellationToken cancellationToken = default)
        => CallXmlAsync(Procedures.ConnectBaselineCpu, writer => writer.List(cpus, WireLimits.MaxBaselineCpus, WriteXml).UInt((uint)options), cancellationToken);

    /// <summary>The most that several hosts' hypervisors can give a guest: what a fabric's CPU is. Null leaves each to libvirt.</summary>
    /// <param name="cpus">Each the <c>&lt;mode name='host-model'&gt;</c> of a host's domain capabilities, as <c>&lt;cpu&gt;</c>.</param>
    public Task<XElement> GetBaselineHypervisorCpuAsync(
        IReadOnlyCollection<XElement> cpus, string? emulator = null, string? architecture = null, string? machine = null, string? domainType = null,
        BaselineCpuOptions options = BaselineCpuOptions.None, CancellationToken cancellationToken = default)
        => CallXmlAsync(Procedures.ConnectBaselineHypervisorCpu,
            writer => writer.OptionalString(emulator).OptionalString(architecture).OptionalString(machine).OptionalString(domainType).List(cpus, WireLimits.MaxBaselineCpus, WriteXml).UInt((uint)options),
            cancellationToken);

    public Task<CpuComparison> CompareCpuAsync(XElement cpu, CancellationToken cancellationToken = default)
        => CallAsync(Procedures.ConnectCompareCpu, writer => writer.String(LibvirtXml.ToText(cpu)).UInt(0), (ref reader) => (CpuComparison)reader.ReadInt(), cancellationToken);

    /// <summary>A CPU against what the host's hypervisor can give. Null leaves each to libvirt.</summary>
    public Task<CpuComparison> CompareHypervisorCpuAsync(
        XElement cpu, string? emulator = null, string? architecture = null, string? machine = null, string? domainType = null, CancellationToken cancellationToken = default)
        => CallAsync(Procedures.ConnectCompareHypervisorCpu,
            writer => writer.OptionalString(emulator).OptionalString(architecture).OptionalString(machine).OptionalString(domainType).String(LibvirtXml.ToText(cpu)).UInt(0),
            (ref reader) => (CpuComparison)reader.ReadInt(), cancellationToken);

    /// <summary><c>VIR_NODE_MEMORY_STATS_ALL_CELLS</c>.</summary>
    private const int AllCells = -1;

    private static void WriteXml(XdrWriter writer, XElement element) => writer.String(LibvirtXml.ToText(element));

    // major * 1,000,000 + minor * 1,000 + release
    private static Version ReadVersion(ref XdrReader reader)
    {
        var number = reader.ReadUHyper();
        return number / 1_000_000 <= int.MaxValue
            ? new Version((int)(number / 1_000_000), (int)(number / 1000 % 1000), (int)(number % 1000))
            : throw XdrReader.Malformed($"{number} is no version");
    }

    private static List<(string Name, ulong Value)> ReadNodeMemory(ref XdrReader reader)
        => reader.ReadList(WireLimits.MaxNodeMemoryStats, (ref inner) => (inner.ReadString(), inner.ReadUHyper()));
}
