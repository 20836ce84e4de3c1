namespace Pulumi.Blanket.Libvirt.Domains;

/// <summary>How to start a domain (<c>virDomainCreateFlags</c>).</summary>
[Flags]
public enum DomainStartOptions : uint
{
    None = 0,
    Paused = 1 << 0,
    Autodestroy = 1 << 1,
    BypassCache = 1 << 2,
    ForceBoot = 1 << 3,
    Validate = 1 << 4,
    ResetNvram = 1 << 5,
}
