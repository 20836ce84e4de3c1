namespace Pulumi.Blanket.Libvirt.Host;

/// <summary>How to give a baseline CPU (<c>virConnectBaselineCPUFlags</c>).</summary>
[Flags]
public enum BaselineCpuOptions : uint
{
    None = 0,
    ExpandFeatures = 1 << 0,
    Migratable = 1 << 1,
}
