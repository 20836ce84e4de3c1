using System.Text;

namespace Pulumi.Blanket.Files;

/// <summary>
/// Files that are whole after a power cut: either what they were or what they became. What could not be synced counts as not written. A sync is never tried again: the
/// kernel reports a failed write once, and a second sync of the same pages succeeds though they are lost; so whoever tries again writes anew.
/// </summary>
public static class DurableFile
{
    /// <summary>ENOSPC, as .NET hands it on in an exception's <see cref="Exception.HResult"/>.</summary>
    public const int DiskFull = 28;

    public const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    public const UnixFileMode Readable = Private | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    public const UnixFileMode Executable = Readable | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    public const UnixFileMode PrivateFolder = Private | UnixFileMode.UserExecute;

    public const UnixFileMode OpenFolder = Executable;

    /// <summary>Writes a file, on the disk before this returns.</summary>
    /// <param name="step">For tests: called before each step with its name; what it throws is that step's failure.</param>
    /// <exception cref="IOException">It is not written. Where the folder alone could not be synced it may be what it was or what it was to become after a power cut.</exception>
    public static void Write(string path, ReadOnlySpan<byte> content, UnixFileMode mode, Action<string>? step = null)
    {
        var temporary = $"{path}.new";
        File.Delete(temporary);
        try
        {
            using (FileStream stream = new(temporary, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = mode, BufferSize = 0 }))
            {
                step?.Invoke("write");
                stream.Write(content);
                step?.Invoke("flush");
                stream.Flush(flushToDisk: true);
            }

            // What the umask took away.
            File.SetUnixFileMode(temporary, mode);
            step?.Invoke("replace");
            File.Move(temporary, path, overwrite: true);
        }
        catch
        {
            Discard(temporary);
            throw;
        }

        step?.Invoke("flush folder");
        Folder.Sync(Path.GetDirectoryName(path)!);
    }

    public static void Write(string path, string content, UnixFileMode mode) => Write(path, Encoding.UTF8.GetBytes(content), mode);

    /// <summary>The same, where the file is not so already; whoever repeats it at rest writes nothing.</summary>
    /// <returns>True where it was written.</returns>
    public static bool WriteWhereItDiffers(string path, string content, UnixFileMode mode)
    {
        if (File.Exists(path) && File.GetUnixFileMode(path) == mode && File.ReadAllText(path) == content)
        {
            return false;
        }

        Write(path, content, mode);
        return true;
    }

    /// <summary>Gives a file that is whole its name, on the disk before this returns.</summary>
    public static void Publish(string temporary, string path)
    {
        using (var file = File.OpenHandle(temporary, FileMode.Open, FileAccess.ReadWrite))
        {
            RandomAccess.FlushToDisk(file);
        }

        File.Move(temporary, path, overwrite: true);
        Folder.Sync(Path.GetDirectoryName(path)!);
    }

    /// <summary>Removes a file, if it is there, on the disk before this returns.</summary>
    public static void Delete(string path)
    {
        if (File.Exists(path))
        {
            File.Delete(path);
            Folder.Sync(Path.GetDirectoryName(path)!);
        }
    }

    /// <summary>Makes a folder with this mode, on the disk before this returns, and gives it this mode where it is there.</summary>
    public static void MakeFolder(string path, UnixFileMode mode) => Folder.Make(path, mode);

    /// <summary>What was removed from it or renamed in it stays so after a power cut.</summary>
    /// <exception cref="IOException">It may not.</exception>
    public static void SyncFolder(string path) => Folder.Sync(path);

    private static void Discard(string temporary)
    {
        try
        {
            File.Delete(temporary);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            // It is in nobody's way.
        }
    }
}
