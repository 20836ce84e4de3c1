using System.Runtime.InteropServices;

namespace Pulumi.Blanket.Agent.Machine;

/// <summary>Files that are whole after a power cut: either what they were or what they became.</summary>
internal static partial class DurableFile
{
    /// <summary>ENOSPC, as .NET hands it on in an exception's <see cref="Exception.HResult"/>.</summary>
    public const int DiskFull = 28;

    public const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    public const UnixFileMode Readable = Private | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    public const UnixFileMode Executable = Readable | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    public const UnixFileMode PrivateFolder = Private | UnixFileMode.UserExecute;

    public const UnixFileMode OpenFolder = Executable;

    /// <summary>Writes a file, on the disk before this returns.</summary>
    public static void Write(string path, ReadOnlySpan<byte> content, UnixFileMode mode)
    {
        var temporary = $"{path}.new";
        File.Delete(temporary);
        using (FileStream stream = new(temporary, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = mode }))
        {
            stream.Write(content);
            stream.Flush(flushToDisk: true);
        }

        // What the umask took away.
        File.SetUnixFileMode(temporary, mode);
        File.Move(temporary, path, overwrite: true);
        SyncFolder(Path.GetDirectoryName(path)!);
    }

    public static void Write(string path, string content, UnixFileMode mode) => Write(path, System.Text.Encoding.UTF8.GetBytes(content), mode);

    /// <summary>Gives a file that is whole its name, on the disk before this returns.</summary>
    public static void Publish(string temporary, string path)
    {
        using (var file = File.OpenHandle(temporary, FileMode.Open, FileAccess.ReadWrite))
        {
            RandomAccess.FlushToDisk(file);
        }

        File.Move(temporary, path, overwrite: true);
        SyncFolder(Path.GetDirectoryName(path)!);
    }

    /// <summary>Removes a file, if it is there, on the disk before this returns.</summary>
    public static void Delete(string path)
    {
        if (File.Exists(path))
        {
            File.Delete(path);
            SyncFolder(Path.GetDirectoryName(path)!);
        }
    }

    /// <summary>Makes a folder with this mode, and gives it this mode where it is there.</summary>
    public static void MakeFolder(string path, UnixFileMode mode)
    {
        Directory.CreateDirectory(path, mode);
        File.SetUnixFileMode(path, mode);
    }

    /// <summary>What was removed from it or renamed in it stays so after a power cut.</summary>
    public static void SyncFolder(string path)
    {
        var descriptor = Open(path, 0);
        if (descriptor >= 0)
        {
            _ = Sync(descriptor);
            _ = Close(descriptor);
        }
    }

    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync")]
    private static partial int Sync(int descriptor);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int descriptor);
}
