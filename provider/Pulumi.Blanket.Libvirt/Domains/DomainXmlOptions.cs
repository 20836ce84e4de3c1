namespace Pulumi.Blanket.Libvirt.Domains;

/// <summary>Which XML of a domain to give (<c>virDomainXMLFlags</c>).</summary>
[Flags]
public enum DomainXmlOptions : uint
{
    None = 0,
    Secure = 1 << 0,
    Inactive = 1 << 1,
    UpdateCpu = 1 << 2,
    Migratable = 1 << 3,
}
