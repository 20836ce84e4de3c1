using Pulumi.Blanket.Agent.Machine;
using Pulumi.Blanket.Contract;

namespace Pulumi.Blanket.Agent.Machines;

/// <summary>What machines' users gave for cloud-init: kept apart from domains' metadata, in files that only root reads, since it may hold passwords.</summary>
internal static class CloudInitStore
{
    public static CloudInit? Read(string fabricId, string uuid) => RegistryFile.Read<CloudInit>(PathOf(fabricId, uuid));

    public static void Write(string fabricId, string uuid, CloudInit? cloudInit)
    {
        if (cloudInit is null)
        {
            Delete(fabricId, uuid);
            return;
        }

        DurableFile.MakeFolder(Folder(fabricId), DurableFile.PrivateFolder);
        RegistryFile.Write(PathOf(fabricId, uuid), cloudInit);
    }

    public static void Delete(string fabricId, string uuid) => DurableFile.Delete(PathOf(fabricId, uuid));

    private static string Folder(string fabricId) => $"{AgentPaths.Fabric(fabricId)}/cloud-init";

    private static string PathOf(string fabricId, string uuid) => Path.Combine(Folder(fabricId), $"{uuid}.json");
}
