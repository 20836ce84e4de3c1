namespace Pulumi.Blanket.Agent.Machines;

/// <summary>Everything that was made for a machine; volumes are none of it, since their files have other names.</summary>
internal static class MachineFiles
{
    public static void Remove(string fabricId, string uuid)
    {
        foreach (var file in Directory.Exists(AgentPaths.Pool) ? Directory.EnumerateFiles(AgentPaths.Pool, $"{uuid}-*") : [])
        {
            DurableFile.Delete(file);
        }

        CloudInitStore.Delete(fabricId, uuid);
        var log = MachineDomain.ConsoleLogOf(fabricId, uuid);
        foreach (var file in Directory.Exists(Path.GetDirectoryName(log)) ? Directory.EnumerateFiles(Path.GetDirectoryName(log)!, $"{uuid}.log*") : [])
        {
            File.Delete(file);
        }
    }
}
