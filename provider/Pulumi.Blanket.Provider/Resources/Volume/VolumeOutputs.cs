using System.ComponentModel;

namespace Pulumi.Blanket.Provider.Resources.Volume;

internal sealed record VolumeOutputs
{
    [Description("The name of the host that it is on; empty where its making did not come to its end, which the next update makes up for.")]
    public required string Location { get; init; }
}
