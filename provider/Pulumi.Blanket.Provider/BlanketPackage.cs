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
