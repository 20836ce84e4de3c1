using System.ComponentModel;
using Pulumi.Blanket.Provider.Definitions.Rules;

namespace Pulumi.Blanket.Provider.Resources.VirtualMachine;

[Description("How a VM is moved when its `host` changes.")]
internal sealed record VirtualMachineMigration
{
    [Description("How it is carried. One that does not run is moved with its disks alone, whatever this says.")]
    [DefaultValue(MigrationMode.Auto)]
    public MigrationMode Mode { get; init; }

    [Description("Whether a VM that the target can't take over while it runs (its QEMU is older, say) is shut down and moved `cold`, where `mode` is `auto`. Otherwise that is an error.")]
    [DefaultValue(false)]
    public bool AllowOffline { get; init; }

    [Description("How long the copy may take, in seconds. Default: as long as the whole update.")]
    [Range(1, 604_800)]
    public int? TimeoutSeconds { get; init; }

    [Description("What happens after `timeoutSeconds`.")]
    [DefaultValue(MigrationTimeout.Cancel)]
    public MigrationTimeout OnTimeout { get; init; }

    [Description("At most so much is sent per second, in MiB, of memory and of each disk. Default: as fast as it goes.")]
    [Range(1, 1_000_000)]
    public int? BandwidthMiBps { get; init; }

    [Description("A live migration switches over once what is left takes less than this, in milliseconds. Default: libvirt's, 300.")]
    [Range(1, 60_000)]
    public int? DowntimeMs { get; init; }

    [Description("Whether a guest that writes faster than can be sent is slowed down, in a live migration.")]
    [DefaultValue(false)]
    public bool AutoConverge { get; init; }

    [Description("Whether memory that is sent again is compressed (XBZRLE), in a live migration.")]
    [DefaultValue(false)]
    public bool Compression { get; init; }

    [Description("Connections side by side for memory. Default: one.")]
    [Range(2, 16)]
    public int? Connections { get; init; }

    [Description("When a live migration goes on at the target before all of the memory is there, which ends it however fast the guest writes. A target or a link that breaks then costs what was in memory: the VM is started from its disk, and a warning says so.")]
    [DefaultValue(MigrationPostCopy.Never)]
    public MigrationPostCopy PostCopy { get; init; }
}
