namespace Pulumi.Blanket.Provider;

/// <summary>All that this provider has.</summary>
internal static class BlanketPackage
{
    public const string Name = "blanket";

    public static Package Create() => new([new SshKeyResource()], [], EmbeddedFiles.ReadSchema);
}
