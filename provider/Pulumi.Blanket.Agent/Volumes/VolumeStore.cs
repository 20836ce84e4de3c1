using Pulumi.Blanket.Agent.Fabrics;
using Pulumi.Blanket.Agent.Machine;
using Pulumi.Blanket.Agent.Registry;
using Pulumi.Blanket.Contract;

namespace Pulumi.Blanket.Agent.Volumes;

/// <summary>The volumes that are on this member: a record each, and a qcow2 disk in the storage pool.</summary>
internal sealed class VolumeStore(FabricStore fabrics)
{
    public static string PathOf(string uuid) => $"{AgentPaths.Pool}/volume-{uuid}.qcow2";

    /// <returns>Null where this member does not have it.</returns>
    public VolumeSpec? Find(string uuid) => RegistryCheck.IsUuid(uuid) ? RegistryFile.Read<VolumeSpec>(RecordOf(uuid)) : null;

    /// <summary>One whose record is damaged is among them, by its id and what is wrong: there is something on this member.</summary>
    public IReadOnlyList<VolumeSpec> List()
        => Folder() is { } folder && Directory.Exists(folder)
            ? [.. Directory.EnumerateFiles(folder, "*.json").Order(StringComparer.Ordinal).Select(ReadOrName).OfType<VolumeSpec>()]
            : [];

    public void Write(VolumeSpec spec)
    {
        DurableFile.MakeFolder(Folder()!, DurableFile.PrivateFolder);
        RegistryFile.Write(RecordOf(spec.Uuid), spec);
    }

    /// <summary>Removes the disk, then the record: what was cut in between is found by its record.</summary>
    public void Delete(string uuid)
    {
        DurableFile.Delete(PathOf(uuid));
        DurableFile.Delete(RecordOf(uuid));
    }

    private static VolumeSpec? ReadOrName(string path)
    {
        try
        {
            return RegistryFile.Read<VolumeSpec>(path);
        }
        catch (AgentException damage)
        {
            var uuid = Path.GetFileNameWithoutExtension(path);
            return new VolumeSpec { Uuid = uuid, Name = $"{uuid} ({damage.Message})" };
        }
    }

    private string RecordOf(string uuid) => Path.Combine(Folder() ?? throw new AgentException(AgentFault.NotPossible, "this host is in no fabric"), $"{uuid}.json");

    private string? Folder() => fabrics.Current is { } facts ? $"{AgentPaths.Fabric(facts.FabricId)}/volumes" : null;
}
