using System.Xml.Linq;
using Pulumi.Blanket.Libvirt.Domains;
using Pulumi.Blanket.Libvirt.Events;
using Pulumi.Blanket.Libvirt.Parameters;
using Pulumi.Blanket.Libvirt.Wire;

namespace Pulumi.Blanket.Libvirt;

// Changes to a domain's devices, CPUs and memory.
public sealed partial class LibvirtClient
{
    /// <param name="device">As it would stand among the domain's devices.</param>
    public Task AttachDeviceAsync(DomainReference domain, XElement device, DomainScope scope = DomainScope.Current, CancellationToken cancellationToken = default)
        => CallAsync(Procedures.DomainAttachDeviceFlags, writer => Write(writer, domain).String(LibvirtXml.ToText(device)).UInt((uint)scope), cancellationToken);

    /// <summary>Detaches a device. A running guest lets go in its own time: <see cref="DeviceRemovedEvent"/> tells when.</summary>
    public Task DetachDeviceAsync(DomainReference domain, XElement device, DomainScope scope = DomainScope.Current, CancellationToken cancellationToken = default)
        => CallAsync(Procedures.DomainDetachDeviceFlags, writer => Write(writer, domain).String(LibvirtXml.ToText(device)).UInt((uint)scope), cancellationToken);

    /// <summary>As <see cref="DetachDeviceAsync"/>, by the device's alias.</summary>
    public Task DetachDeviceByAliasAsync(DomainReference domain, string alias, DomainScope scope = DomainScope.Current, CancellationToken cancellationToken = default)
        => CallAsync(Procedures.DomainDetachDeviceAlias, writer => Write(writer, domain).String(alias).UInt((uint)scope), cancellationToken);

    /// <summary>Changes what can be changed of a device in place, such as the medium of a CD-ROM or the bridge of an interface.</summary>
    public Task UpdateDeviceAsync(DomainReference domain, XElement device, DomainScope scope = DomainScope.Current, CancellationToken cancellationToken = default)
        => CallAsync(Procedures.DomainUpdateDeviceFlags, writer => Write(writer, domain).String(LibvirtXml.ToText(device)).UInt((uint)scope), cancellationToken);

    /// <param name="maximum">Sets the most that the domain can have, which is possible in its definition only.</param>
    public Task SetVcpusAsync(DomainReference domain, int vcpus, DomainScope scope = DomainScope.Current, bool maximum = false, CancellationToken cancellationToken = default)
        => CallAsync(Procedures.DomainSetVcpusFlags, writer => Write(writer, domain).UInt((uint)vcpus).UInt((uint)scope | (maximum ? MaximumFlag : 0)), cancellationToken);

    public Task<int> GetVcpusAsync(DomainReference domain, DomainScope scope = DomainScope.Current, bool maximum = false, CancellationToken cancellationToken = default)
        => CallAsync(Procedures.DomainGetVcpusFlags, writer => Write(writer, domain).UInt((uint)scope | (maximum ? MaximumFlag : 0)), (ref reader) => reader.ReadInt(), cancellationToken);

    /// <summary>Sets what the balloon leaves the guest.</summary>
    /// <param name="maximum">Sets the most that the domain can have, which is possible in its definition only.</param>
    public Task SetMemoryAsync(DomainReference domain, ulong memoryKiB, DomainScope scope = DomainScope.Current, bool maximum = false, CancellationToken cancellationToken = default)
        => CallAsync(Procedures.DomainSetMemoryFlags, writer => Write(writer, domain).UHyper(memoryKiB).UInt((uint)scope | (maximum ? MaximumFlag : 0)), cancellationToken);

    /// <summary>Makes a disk of a running domain larger.</summary>
    /// <param name="disk">Its target, such as <c>vda</c>, or its path.</param>
    public Task ResizeDiskAsync(DomainReference domain, string disk, ulong sizeBytes, CancellationToken cancellationToken = default)
        => CallAsync(Procedures.DomainBlockResize, writer => Write(writer, domain).String(disk).UHyper(sizeBytes).UInt(InBytes), cancellationToken);

    /// <param name="disk">Its target, such as <c>vda</c>, or its path.</param>
    public Task<BlockInfo> GetDiskInfoAsync(DomainReference domain, string disk, CancellationToken cancellationToken = default)
        => CallAsync(Procedures.DomainGetBlockInfo, writer => Write(writer, domain).String(disk).UInt(0), ReadBlockInfo, cancellationToken);

    /// <summary>What was read and written; names as <c>VIR_DOMAIN_BLOCK_STATS_*</c>, such as <c>wr_bytes</c>.</summary>
    /// <param name="disk">Its target, such as <c>vda</c>, or its path.</param>
    public Task<TypedParameters> GetDiskStatisticsAsync(DomainReference domain, string disk, CancellationToken cancellationToken = default)
        => CallAsync(Procedures.DomainBlockStatsFlags, writer => Write(writer, domain).String(disk).Int(WireLimits.MaxBlockStats).UInt(0),
            (ref reader) => TypedParameters.Read(ref reader, WireLimits.MaxBlockStats), cancellationToken);

    /// <summary><c>VIR_DOMAIN_VCPU_MAXIMUM</c> and <c>VIR_DOMAIN_MEM_MAXIMUM</c>, which are equal.</summary>
    private const uint MaximumFlag = 1 << 2;

    /// <summary><c>VIR_DOMAIN_BLOCK_RESIZE_BYTES</c>.</summary>
    private const uint InBytes = 1 << 0;

    // On the wire the allocation comes first (struct remote_domain_get_block_info_ret).
    private static BlockInfo ReadBlockInfo(ref XdrReader reader)
    {
        var allocation = reader.ReadUHyper();
        var capacity = reader.ReadUHyper();
        return new BlockInfo(capacity, allocation, reader.ReadUHyper());
    }
}
