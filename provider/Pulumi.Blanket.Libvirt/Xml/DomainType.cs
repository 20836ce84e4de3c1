namespace Pulumi.Blanket.Libvirt.Xml;

/// <summary>What runs a domain.</summary>
public enum DomainType
{
    /// <summary>Software emulation.</summary>
    Qemu,

    Kvm,
    Xen,
}
