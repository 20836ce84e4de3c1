using System.ComponentModel;

namespace Pulumi.Blanket.Provider.Resources.VirtualMachine;

[Description("How long a VM stood still in a migration, in milliseconds.")]
internal sealed record LastMigrationDowntime
{
    [Description("Until it was whole at the target.")]
    public required double Copy { get; init; }

    [Description("Until its former host had given it up for good.")]
    public required double SwitchOver { get; init; }

    [Description("Until it ran there.")]
    public required double Resume { get; init; }
}
