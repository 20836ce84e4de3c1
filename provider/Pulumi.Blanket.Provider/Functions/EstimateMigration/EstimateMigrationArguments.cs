using System.ComponentModel;
using Pulumi.Blanket.Provider.Definitions;
using Pulumi.Blanket.Provider.Definitions.Rules;
using Pulumi.Blanket.Provider.Resources.Fabric;
using Pulumi.Blanket.Provider.Resources.OnFabric;
using Pulumi.Blanket.Provider.Resources.VirtualMachine;

namespace Pulumi.Blanket.Provider.Functions.EstimateMigration;

internal sealed record EstimateMigrationArguments
{
    [Description("The fabric that the VM is on. Default: the provider's `fabric`.")]
    [Secret]
    [FabricReference]
    public FabricConnection? Fabric { get; init; }

    [Description("The VM's id.")]
    [Pattern("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "the id of a VirtualMachine")]
    public required string VirtualMachine { get; init; }

    [Description("The name of the host that it would move to.")]
    [Label]
    public required string Host { get; init; }

    [Description("How it would be moved, as in the VM's own `migration`.")]
    public VirtualMachineMigration? Migration { get; init; }
}
