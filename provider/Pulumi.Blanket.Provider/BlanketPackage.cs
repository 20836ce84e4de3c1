namespace Pulumi.Blanket.Provider;

/// <summary>All that this provider has.</summary>
internal static class BlanketPackage
{
    public const string Name = "blanket";

    public static Package Create()
    {
        AgentAccess access = new();
        return new([new FabricResource(access), new HostResource(access), new SshKeyResource()], [new GetHostFactsFunction(access)], EmbeddedFiles.ReadSchema);
    }
}
