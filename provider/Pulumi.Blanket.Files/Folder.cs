using System.Runtime.InteropServices;

namespace Pulumi.Blanket.Files;

/// <summary>Folders whose entries are on the disk.</summary>
public static partial class Folder
{
    private const int NotSupported = 95; // EOPNOTSUPP
    private const int InvalidArgument = 22; // EINVAL

    /// <summary>What was made, renamed or removed in it stays so after a power cut.</summary>
    /// <exception cref="IOException">It may not; <see cref="Exception.HResult"/> is the kernel's error.</exception>
    public static void Sync(string path)
    {
        var descriptor = Open(path, 0);
        if (descriptor < 0)
        {
            throw Fault(path);
        }

        try
        {
            // A file system that has no sync for folders says so; there is nothing more that could be done.
            if (FSync(descriptor) != 0 && Marshal.GetLastPInvokeError() is not (InvalidArgument or NotSupported))
            {
                throw Fault(path);
            }
        }
        finally
        {
            _ = Close(descriptor);
        }
    }

    /// <summary>Makes a folder, and those above it that are missing, on the disk before this returns; gives it this mode where it is there.</summary>
    public static void Make(string path, UnixFileMode mode) => Make(path, mode, Sync);

    /// <param name="sync">For tests.</param>
    internal static void Make(string path, UnixFileMode mode, Action<string> sync)
    {
        // A folder is an entry of its parent, which has to be on the disk as well, or all that is in it is lost with it.
        Stack<string> parents = [];
        for (var missing = Path.GetFullPath(path); !Directory.Exists(missing); missing = Path.GetDirectoryName(missing)!)
        {
            parents.Push(Path.GetDirectoryName(missing)!);
        }

        Directory.CreateDirectory(path, mode);
        if (File.GetUnixFileMode(path) != mode)
        {
            File.SetUnixFileMode(path, mode);
        }

        foreach (var parent in parents)
        {
            sync(parent);
        }
    }

    private static IOException Fault(string path) => new($"the folder {path} can't be synced: {Marshal.GetLastPInvokeErrorMessage()}", Marshal.GetLastPInvokeError());

    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int FSync(int descriptor);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int descriptor);
}
