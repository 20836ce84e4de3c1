namespace Pulumi.Blanket.Libvirt.Xml;

/// <summary>How a guest's CPU is chosen.</summary>
public enum CpuMode
{
    /// <summary>The model that <see cref="CpuDefinition.Model"/> names, the same on every host.</summary>
    Custom,

    /// <summary>The nearest model to the host's.</summary>
    HostModel,

    /// <summary>The host's own.</summary>
    HostPassthrough,

    /// <summary>All that the hypervisor can give.</summary>
    Maximum,
}
