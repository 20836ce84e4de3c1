using System.ComponentModel;

namespace Pulumi.Blanket.Provider.Resources.VirtualMachine;

internal sealed record VirtualMachineOutputs
{
    public const string Running = "running";
    public const string Paused = "paused";
    public const string Stopped = "stopped";
    public const string Crashed = "crashed";

    /// <summary>Its making did not come to its end.</summary>
    public const string Unfinished = "";

    [Description("The name of the host that it is on.")]
    public required string Location { get; init; }

    [Description("The `host` that was last fulfilled; empty where none was asked for.")]
    public required string SettledHost { get; init; }

    [Description("Its addresses: those of its network cards in their order, then what the guest's own agent says beyond that.")]
    public required IReadOnlyList<string> Addresses { get; init; }

    [Description("`running`, `paused`, `stopped` or `crashed`; empty where its making did not come to its end, which the next update makes up for.")]
    public required string State { get; init; }

    [Description("How its last migration went; absent as long as there was none.")]
    public LastMigration? LastMigration { get; init; }
}
