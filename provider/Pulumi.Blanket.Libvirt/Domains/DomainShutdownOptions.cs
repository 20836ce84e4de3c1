namespace Pulumi.Blanket.Libvirt.Domains;

/// <summary>By which means to ask a guest to shut down or restart; none leaves it to libvirt (<c>virDomainShutdownFlagValues</c>).</summary>
[Flags]
public enum DomainShutdownOptions : uint
{
    None = 0,
    AcpiPowerBtn = 1 << 0,
    GuestAgent = 1 << 1,
    Initctl = 1 << 2,
    Signal = 1 << 3,
    Paravirt = 1 << 4,
}
