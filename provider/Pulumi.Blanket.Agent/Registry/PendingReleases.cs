using Microsoft.Extensions.Logging;
using Pulumi.Blanket.Agent.Serving;

namespace Pulumi.Blanket.Agent.Registry;

/// <summary>
/// Machines and volumes that this member deleted and whose room and addresses the primary does not know to be free yet. On the disk, so that
/// neither a primary that is away nor a reboot leaves addresses held for ever. One empty file each.
/// </summary>
internal sealed class PendingReleases(ILogger<PendingReleases> log)
{
    private readonly Lock _lock = new();

    /// <summary>Raised when one was added.</summary>
    public event Action? Added;

    public void Add(string fabricId, string uuid)
    {
        lock (_lock)
        {
            DurableFile.MakeFolder(Folder(fabricId), DurableFile.PrivateFolder);
            DurableFile.Write(Path.Combine(Folder(fabricId), uuid), "", DurableFile.Private);
        }

        Added.RaiseEach(log);
    }

    public IReadOnlyList<string> Of(string fabricId)
    {
        lock (_lock)
        {
            return Directory.Exists(Folder(fabricId)) ? [.. Directory.EnumerateFiles(Folder(fabricId)).Select(path => Path.GetFileName(path)!).Where(name => Guid.TryParse(name, out _))] : [];
        }
    }

    public void Done(string fabricId, IEnumerable<string> uuids)
    {
        lock (_lock)
        {
            foreach (var uuid in uuids)
            {
                DurableFile.Delete(Path.Combine(Folder(fabricId), uuid));
            }
        }
    }

    private static string Folder(string fabricId) => $"{AgentPaths.Fabric(fabricId)}/released";
}
