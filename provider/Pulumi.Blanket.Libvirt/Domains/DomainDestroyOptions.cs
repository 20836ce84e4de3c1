namespace Pulumi.Blanket.Libvirt.Domains;

/// <summary>How to end a domain (<c>virDomainDestroyFlagsValues</c>).</summary>
[Flags]
public enum DomainDestroyOptions : uint
{
    None = 0,
    Graceful = 1 << 0,
    RemoveLogs = 1 << 1,
}
