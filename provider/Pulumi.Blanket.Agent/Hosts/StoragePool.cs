using System.Xml.Linq;
using Pulumi.Blanket.Libvirt;
using Pulumi.Blanket.Libvirt.Storage;

namespace Pulumi.Blanket.Agent.Hosts;

/// <summary>libvirt's pool with the disks of our VMs.</summary>
internal static class StoragePool
{
    public const string Name = "blanket";

    /// <summary>QEMU's account passes through to the files that libvirt gives it; nobody lists them.</summary>
    private const UnixFileMode FolderMode = DurableFile.PrivateFolder | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    /// <summary>Makes the pool where it is missing, and starts it.</summary>
    /// <param name="making">Told before it is made: what was made and not noted would never be taken back.</param>
    /// <exception cref="AgentException">There is another pool of that name.</exception>
    public static async Task MakeAsync(LibvirtClient libvirt, Action making, CancellationToken cancellationToken)
    {
        DurableFile.MakeFolder(AgentPaths.Pool, FolderMode);
        var found = await FindAsync(libvirt, cancellationToken);
        if (found is { } other && (string?)(await libvirt.GetPoolXmlAsync(other, cancellationToken)).Element("target")?.Element("path") != AgentPaths.Pool)
        {
            throw new AgentException(AgentFault.NotPossible, $"libvirt on the host has a storage pool '{Name}' that is not ours; rename or remove it");
        }

        if (found is null)
        {
            making();
        }

        var pool = found ?? await libvirt.DefinePoolAsync(
            new XElement("pool", new XAttribute("type", "dir"), new XElement("name", Name), new XElement("target", new XElement("path", AgentPaths.Pool))), cancellationToken);
        if ((await libvirt.GetPoolInfoAsync(pool, cancellationToken)).State != PoolState.Running)
        {
            await libvirt.StartPoolAsync(pool, cancellationToken);
        }
    }

    /// <summary>
    /// Files that an older agent made could be read by everybody on the host. Whoever has one open keeps it, and QEMU owns what libvirt gave it.
    /// </summary>
    public static void CloseToOthers()
    {
        foreach (var file in Directory.Exists(AgentPaths.Pool) ? Directory.EnumerateFiles(AgentPaths.Pool) : [])
        {
            try
            {
                if (File.GetUnixFileMode(file) != DurableFile.Private)
                {
                    File.SetUnixFileMode(file, DurableFile.Private);
                }
            }
            catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
            {
                // It has gone meanwhile, or the file system lets nobody change it: no reason for the agent not to run.
            }
        }
    }

    public static async Task<bool> IsRunningAsync(LibvirtClient libvirt, CancellationToken cancellationToken)
        => await FindAsync(libvirt, cancellationToken) is { } pool && (await libvirt.GetPoolInfoAsync(pool, cancellationToken)).State == PoolState.Running;

    /// <summary>Disks without a VM are somebody's data: whoever takes the host back removes or saves them first.</summary>
    /// <exception cref="AgentException">There are files in the pool.</exception>
    public static void RefuseWithFiles()
    {
        string[] files = Directory.Exists(AgentPaths.Pool) ? [.. Directory.EnumerateFileSystemEntries(AgentPaths.Pool).Select(path => Path.GetFileName(path)!).Order(StringComparer.Ordinal)] : [];
        if (files.Length > 0)
        {
            throw new AgentException(AgentFault.NotPossible,
                $"the host's storage pool {AgentPaths.Pool} still holds {string.Join(", ", files.Take(5))}{(files.Length > 5 ? $" and {files.Length - 5} more" : "")}; delete the resources that they belong to, or save and remove them by hand, first");
        }
    }

    /// <summary>Takes the pool away, which has to be empty.</summary>
    public static async Task RemoveAsync(LibvirtClient libvirt, CancellationToken cancellationToken)
    {
        if (await FindAsync(libvirt, cancellationToken) is { } pool)
        {
            if ((await libvirt.GetPoolInfoAsync(pool, cancellationToken)).State == PoolState.Running)
            {
                await libvirt.StopPoolAsync(pool, cancellationToken);
            }

            await libvirt.UndefinePoolAsync(pool, cancellationToken);
        }

        if (Directory.Exists(AgentPaths.Pool))
        {
            Directory.Delete(AgentPaths.Pool);
        }
    }

    private static async Task<PoolReference?> FindAsync(LibvirtClient libvirt, CancellationToken cancellationToken)
    {
        foreach (var pool in await libvirt.ListPoolsAsync(cancellationToken))
        {
            if (pool.Name == Name)
            {
                return pool;
            }
        }

        return null;
    }
}
