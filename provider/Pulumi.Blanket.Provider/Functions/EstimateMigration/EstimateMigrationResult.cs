using System.ComponentModel;

namespace Pulumi.Blanket.Provider.Functions.EstimateMigration;

internal sealed record EstimateMigrationResult
{
    [Description("The host that it is on now.")]
    public required string Location { get; init; }

    [Description("The mode that it would be moved in: `live`, `suspend`, or `cold`, also for one that does not run.")]
    public required string Mode { get; init; }

    [Description("Memory to send, in MiB: as far as the guest uses it. What it writes meanwhile comes on top.")]
    public required double MemoryMiB { get; init; }

    [Description("Of disks to send, in MiB: what differs from their images, and volumes.")]
    public required double DiskMiB { get; init; }

    [Description("The rate that is counted with, in MiB per second: that of its last move, or `migration.bandwidthMiBps` where that is less. Absent while neither is known.")]
    public double? RateMiBps { get; init; }

    [Description("How long it would take, in seconds. Absent where no rate is known.")]
    public double? Seconds { get; init; }

    [Description("How long it would stand still, in milliseconds: in a live migration what is aimed at. Absent where no rate is known.")]
    public double? DowntimeMs { get; init; }

    [Description("What the host lacks right now; empty where it has room.")]
    public required IReadOnlyList<string> Lacking { get; init; }

    [Description("Whether the VM would fit there if nothing else were there.")]
    public required bool CanFit { get; init; }
}
