using Pulumi.Blanket.Libvirt.Wire;

namespace Pulumi.Blanket.Libvirt.Domains;

/// <summary>Names a domain (<c>struct remote_nonnull_domain</c>). libvirt finds it by <paramref name="Uuid"/> alone.</summary>
/// <param name="Name">As it was when the reference was made.</param>
/// <param name="Id">A number of one run of the domain; -1 while it is off.</param>
public readonly record struct DomainReference(string Name, Guid Uuid, int Id = -1)
{
    public bool Equals(DomainReference other) => Uuid == other.Uuid;

    public override int GetHashCode() => Uuid.GetHashCode();

    public override string ToString() => $"{Name} ({Uuid})";

    internal static DomainReference Read(ref XdrReader reader) => new(reader.ReadString(), reader.ReadUuid(), reader.ReadInt());

    internal static void Write(XdrWriter writer, DomainReference domain) => writer.String(domain.Name).Uuid(domain.Uuid).Int(domain.Id);
}
