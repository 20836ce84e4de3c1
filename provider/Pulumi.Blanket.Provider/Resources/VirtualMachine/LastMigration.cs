using System.ComponentModel;

namespace Pulumi.Blanket.Provider.Resources.VirtualMachine;

[Description("How a VM's last migration went.")]
internal sealed record LastMigration
{
    [Description("The name of the host that it left.")]
    public required string Source { get; init; }

    [Description("The name of the host that it went to.")]
    public required string Target { get; init; }

    [Description("`live`, `post-copy`, `suspend` or `cold`.")]
    public required string Mode { get; init; }

    [Description("How long it took in all.")]
    public required double Seconds { get; init; }

    [Description("How long the VM stood still, in milliseconds, in its parts.")]
    public required LastMigrationDowntime DowntimeMs { get; init; }

    [Description("Memory and disks that were sent.")]
    public required int TransferredMiB { get; init; }
}
