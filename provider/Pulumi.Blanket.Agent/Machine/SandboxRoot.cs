namespace Pulumi.Blanket.Agent.Machine;

/// <summary>
/// The file system of a sandbox: the system's libraries and one program, to read; the two files that it is for; nothing else, not even /proc and /dev. With it come
/// a network without links, and no other process's shared memory.
/// </summary>
internal static class SandboxRoot
{
    /// <summary>Where it is put together; what is there otherwise is hidden from this process alone.</summary>
    private const string Place = "/run";

    /// <summary>Where libraries are. Some are links to others.</summary>
    private static readonly string[] Libraries = ["/usr/lib", "/usr/lib64", "/lib", "/lib64"];

    /// <summary>Tells the loader where which library is; without it, it searches.</summary>
    private const string LoaderCache = "/etc/ld.so.cache";

    private const UnixFileMode FolderMode = DurableFile.OpenFolder;

    /// <exception cref="IOException">The kernel refused a part of it; the process is of no use then.</exception>
    public static void Enter(string program, string? source, string? target)
    {
        Kernel.Check(Kernel.Unshare(Kernel.NewMounts | Kernel.NewNetwork | Kernel.NewIpc | Kernel.NewHostName), "new namespaces");
        Kernel.Mount(null, "/", null, Kernel.Private | Kernel.Recursive, null);

        // By their descriptors: whatever is hidden below, these are found. Opened here, since those of another namespace can't be bound.
        using var sourceFile = source is null ? null : File.OpenHandle(source, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using var targetFile = target is null ? null : File.OpenHandle(target, FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
        Kernel.Mount("tmpfs", Place, "tmpfs", Kernel.NoSuid | Kernel.NoDevices | Kernel.NoExec, "size=64k,mode=0755");
        foreach (var library in Libraries)
        {
            AddLibraries(library);
        }

        if (File.Exists(LoaderCache))
        {
            AddFile(LoaderCache, LoaderCache, Kernel.ReadOnly | Kernel.NoExec);
        }

        AddFile(program, program, Kernel.ReadOnly);
        if (sourceFile is not null)
        {
            AddFile($"/proc/self/fd/{sourceFile.DangerousGetHandle()}", Sandbox.Source, Kernel.ReadOnly | Kernel.NoExec);
        }

        if (targetFile is not null)
        {
            AddFile($"/proc/self/fd/{targetFile.DangerousGetHandle()}", Sandbox.Target, Kernel.NoExec);
        }

        Kernel.Mount(null, Place, null, Kernel.Remount | Kernel.ReadOnly | Kernel.NoSuid | Kernel.NoDevices | Kernel.NoExec, "size=64k,mode=0755");

        // pivot_root(2): with the same place twice the former root lies on top of the new one, and is taken off.
        Directory.SetCurrentDirectory(Place);
        Kernel.Check(Kernel.PivotRoot(".", "."), "its root");
        Kernel.Check(Kernel.Unmount(".", Kernel.Detach), "taking the host's files away");
        Kernel.Check(Kernel.ChangeFolder("/"), "its root");
    }

    private static void AddLibraries(string folder)
    {
        DirectoryInfo found = new(folder);
        if (found.LinkTarget is { } link)
        {
            File.CreateSymbolicLink(Place + folder, link);
        }
        else if (found.Exists)
        {
            Directory.CreateDirectory(Place + folder, FolderMode);
            Bind(folder, Place + folder, Kernel.ReadOnly);
        }
    }

    private static void AddFile(string file, string name, ulong flags)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Place + name)!, FolderMode);
        using (new FileStream(Place + name, FileMode.CreateNew))
        {
            // Something to put it on.
        }

        Bind(file, Place + name, flags);
    }

    private static void Bind(string from, string to, ulong flags)
    {
        Kernel.Mount(from, to, null, Kernel.Bind, null);
        Kernel.Mount(null, to, null, Kernel.Bind | Kernel.Remount | Kernel.NoSuid | Kernel.NoDevices | flags, null);
    }
}
