using Pulumi.Blanket.Provider.Agents;
using Pulumi.Blanket.Provider.Functions.EstimateMigration;
using Pulumi.Blanket.Provider.Functions.GetHostFacts;
using Pulumi.Blanket.Provider.Resources.Fabric;
using Pulumi.Blanket.Provider.Resources.Host;
using Pulumi.Blanket.Provider.Resources.Image;
using Pulumi.Blanket.Provider.Resources.Network;
using Pulumi.Blanket.Provider.Resources.SshKey;
using Pulumi.Blanket.Provider.Resources.VirtualMachine;
using Pulumi.Blanket.Provider.Resources.Volume;

namespace Pulumi.Blanket.Provider;

/// <summary>All that this provider has.</summary>
internal static class BlanketPackage
{
    public const string Name = "blanket";

    public static Package Create()
    {
        AgentAccess access = new();
        FabricAccess fabrics = new(access);
        return new(
            [
                new FabricResource(access), new HostResource(access), new ImageResource(fabrics), new NetworkResource(fabrics), new SshKeyResource(), new VirtualMachineResource(fabrics),
                new VolumeResource(fabrics),
            ],
            [new EstimateMigrationFunction(fabrics), new GetHostFactsFunction(access)], EmbeddedFiles.ReadSchema);
    }
}
