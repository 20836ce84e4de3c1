using System.ComponentModel;
using Pulumi.Blanket.Provider.Definitions;
using Pulumi.Blanket.Provider.Definitions.Rules;
using Pulumi.Blanket.Provider.Resources.Fabric;
using Pulumi.Blanket.Provider.Resources.OnFabric;

namespace Pulumi.Blanket.Provider.Resources.Volume;

internal sealed record VolumeInputs : IOnFabric
{
    [Description("The volume's name, for people.")]
    [AutoName]
    [Label]
    public string? Name { get; init; }

    [Description("The fabric that it is on.")]
    [Secret]
    [FabricReference]
    public required FabricConnection Fabric { get; init; }

    [Description("Its size, in GiB. It can grow, also under a VM that runs, and never shrinks.")]
    [Range(1, 65536)]
    public required int SizeGiB { get; init; }

    [Description("The name of the host to make it on: the one of the VM that is to use it. Default: the one with most storage. It counts when the volume is made; afterwards the volume is where its VM takes it.")]
    [Label]
    public string? Host { get; init; }
}
