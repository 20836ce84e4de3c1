using System.Xml.Linq;
using Pulumi.Blanket.Libvirt.Errors;
using Pulumi.Blanket.Libvirt.Storage;
using Pulumi.Blanket.Libvirt.Wire;

namespace Pulumi.Blanket.Libvirt;

// Storage pools and their volumes.
public sealed partial class LibvirtClient
{
    public Task<IReadOnlyList<PoolReference>> ListPoolsAsync(CancellationToken cancellationToken = default)
        => CallAsync<IReadOnlyList<PoolReference>>(Procedures.ConnectListAllStoragePools, writer => writer.Bool(true).UInt(0),
            (ref reader) => reader.ReadList(WireLimits.MaxPools, PoolReference.Read), cancellationToken);

    /// <exception cref="LibvirtException">With <see cref="LibvirtErrorCode.NoStoragePool"/>: there is none of that name.</exception>
    public Task<PoolReference> GetPoolAsync(string name, CancellationToken cancellationToken = default)
        => CallAsync(Procedures.StoragePoolLookupByName, writer => writer.String(name), PoolReference.Read, cancellationToken);

    public Task<PoolReference> DefinePoolAsync(XElement definition, CancellationToken cancellationToken = default)
        => CallAsync(Procedures.StoragePoolDefineXml, writer => writer.String(LibvirtXml.ToText(definition)).UInt(0), PoolReference.Read, cancellationToken);

    /// <summary>Makes the pool's folder, if it is not there.</summary>
    public Task BuildPoolAsync(PoolReference pool, CancellationToken cancellationToken = default)
        => CallAsync(Procedures.StoragePoolBuild, writer => PoolReference.Write(writer, pool).UInt(0), cancellationToken);

    /// <summary>Starts a defined pool.</summary>
    public Task StartPoolAsync(PoolReference pool, CancellationToken cancellationToken = default)
        => CallAsync(Procedures.StoragePoolCreate, writer => PoolReference.Write(writer, pool).UInt(0), cancellationToken);

    /// <summary>Has libvirt look again what is in the pool, for what others made or removed there.</summary>
    public Task RefreshPoolAsync(PoolReference pool, CancellationToken cancellationToken = default)
        => CallAsync(Procedures.StoragePoolRefresh, writer => PoolReference.Write(writer, pool).UInt(0), cancellationToken);

    public Task<PoolInfo> GetPoolInfoAsync(PoolReference pool, CancellationToken cancellationToken = default)
        => CallAsync(Procedures.StoragePoolGetInfo, writer => PoolReference.Write(writer, pool),
            (ref reader) => new PoolInfo((PoolState)reader.ReadUInt(), reader.ReadUHyper(), reader.ReadUHyper(), reader.ReadUHyper()), cancellationToken);

    public Task<XElement> GetPoolXmlAsync(PoolReference pool, CancellationToken cancellationToken = default)
        => CallXmlAsync(Procedures.StoragePoolGetXmlDesc, writer => PoolReference.Write(writer, pool).UInt(0), cancellationToken);

    /// <summary>Stops a pool; its volumes stay.</summary>
    public Task StopPoolAsync(PoolReference pool, CancellationToken cancellationToken = default)
        => CallAsync(Procedures.StoragePoolDestroy, writer => PoolReference.Write(writer, pool), cancellationToken);

    /// <summary>Takes the definition of a stopped pool away; its volumes stay.</summary>
    public Task UndefinePoolAsync(PoolReference pool, CancellationToken cancellationToken = default)
        => CallAsync(Procedures.StoragePoolUndefine, writer => PoolReference.Write(writer, pool), cancellationToken);

    public Task<IReadOnlyList<VolumeReference>> ListVolumesAsync(PoolReference pool, CancellationToken cancellationToken = default)
        => CallAsync<IReadOnlyList<VolumeReference>>(Procedures.StoragePoolListAllVolumes, writer => PoolReference.Write(writer, pool).Bool(true).UInt(0),
            (ref reader) => reader.ReadList(WireLimits.MaxVolumes, VolumeReference.Read), cancellationToken);

    public Task<VolumeReference> CreateVolumeAsync(PoolReference pool, XElement definition, VolumeCreateOptions options = VolumeCreateOptions.None, CancellationToken cancellationToken = default)
        => CallAsync(Procedures.StorageVolumeCreateXml, writer => PoolReference.Write(writer, pool).String(LibvirtXml.ToText(definition)).UInt((uint)options), VolumeReference.Read, cancellationToken);

    /// <exception cref="LibvirtException">With <see cref="LibvirtErrorCode.NoStorageVol"/>: there is none of that name.</exception>
    public Task<VolumeReference> GetVolumeAsync(PoolReference pool, string name, CancellationToken cancellationToken = default)
        => CallAsync(Procedures.StorageVolumeLookupByName, writer => PoolReference.Write(writer, pool).String(name), VolumeReference.Read, cancellationToken);

    /// <exception cref="LibvirtException">With <see cref="LibvirtErrorCode.NoStorageVol"/>: no running pool has a volume there.</exception>
    public Task<VolumeReference> GetVolumeByPathAsync(string path, CancellationToken cancellationToken = default)
        => CallAsync(Procedures.StorageVolumeLookupByPath, writer => writer.String(path), VolumeReference.Read, cancellationToken);

    public Task<VolumeInfo> GetVolumeInfoAsync(VolumeReference volume, CancellationToken cancellationToken = default)
        => CallAsync(Procedures.StorageVolumeGetInfo, writer => VolumeReference.Write(writer, volume),
            (ref reader) => new VolumeInfo(reader.ReadInt(), reader.ReadUHyper(), reader.ReadUHyper()), cancellationToken);

    public Task<XElement> GetVolumeXmlAsync(VolumeReference volume, CancellationToken cancellationToken = default)
        => CallXmlAsync(Procedures.StorageVolumeGetXmlDesc, writer => VolumeReference.Write(writer, volume).UInt(0), cancellationToken);

    public Task<string> GetVolumePathAsync(VolumeReference volume, CancellationToken cancellationToken = default)
        => CallAsync(Procedures.StorageVolumeGetPath, writer => VolumeReference.Write(writer, volume), (ref reader) => reader.ReadString(), cancellationToken);

    /// <summary>Resizes a volume that no running domain uses; of one in use <see cref="ResizeDiskAsync"/> resizes the disk.</summary>
    public Task ResizeVolumeAsync(VolumeReference volume, ulong capacityBytes, VolumeResizeOptions options = VolumeResizeOptions.None, CancellationToken cancellationToken = default)
        => CallAsync(Procedures.StorageVolumeResize, writer => VolumeReference.Write(writer, volume).UHyper(capacityBytes).UInt((uint)options), cancellationToken);

    public Task DeleteVolumeAsync(VolumeReference volume, CancellationToken cancellationToken = default)
        => CallAsync(Procedures.StorageVolumeDelete, writer => VolumeReference.Write(writer, volume).UInt(0), cancellationToken);
}
