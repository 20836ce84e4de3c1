using Pulumi.Blanket.Libvirt.Wire;

namespace Pulumi.Blanket.Libvirt.Storage;

/// <summary>Names a storage pool (<c>struct remote_nonnull_storage_pool</c>).</summary>
public readonly record struct PoolReference(string Name, Guid Uuid)
{
    public override string ToString() => Name;

    internal static PoolReference Read(ref XdrReader reader) => new(reader.ReadString(), reader.ReadUuid());

    internal static XdrWriter Write(XdrWriter writer, PoolReference pool) => writer.String(pool.Name).Uuid(pool.Uuid);
}
