namespace Pulumi.Blanket.Libvirt.Domains;

/// <summary>Which domains to list; flags of one group (such as active and inactive) add up, groups narrow down (<c>virConnectListAllDomainsFlags</c>).</summary>
[Flags]
public enum DomainListOptions : uint
{
    None = 0,
    Active = 1 << 0,
    Inactive = 1 << 1,
    Persistent = 1 << 2,
    Transient = 1 << 3,
    Running = 1 << 4,
    Paused = 1 << 5,
    Shutoff = 1 << 6,
    Other = 1 << 7,
    Managedsave = 1 << 8,
    NoManagedsave = 1 << 9,
    Autostart = 1 << 10,
    NoAutostart = 1 << 11,
    HasSnapshot = 1 << 12,
    NoSnapshot = 1 << 13,
    HasCheckpoint = 1 << 14,
    NoCheckpoint = 1 << 15,
}
