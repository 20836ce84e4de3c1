namespace Pulumi.Blanket.Libvirt.Domains;

/// <summary>What goes with a definition (<c>virDomainUndefineFlagsValues</c>).</summary>
[Flags]
public enum DomainUndefineOptions : uint
{
    None = 0,
    ManagedSave = 1 << 0,
    SnapshotsMetadata = 1 << 1,
    Nvram = 1 << 2,
    KeepNvram = 1 << 3,
    CheckpointsMetadata = 1 << 4,
    Tpm = 1 << 5,
    KeepTpm = 1 << 6,
}
