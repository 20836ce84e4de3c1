using Pulumi.Blanket.Libvirt.Wire;

namespace Pulumi.Blanket.Libvirt.Storage;

/// <summary>Names a volume (<c>struct remote_nonnull_storage_vol</c>).</summary>
/// <param name="Key">What libvirt finds it by; for a file its path.</param>
public readonly record struct VolumeReference(string Pool, string Name, string Key)
{
    public override string ToString() => $"{Pool}/{Name}";

    internal static VolumeReference Read(ref XdrReader reader) => new(reader.ReadString(), reader.ReadString(), reader.ReadString());

    internal static XdrWriter Write(XdrWriter writer, VolumeReference volume) => writer.String(volume.Pool).String(volume.Name).String(volume.Key);
}
