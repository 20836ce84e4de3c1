using Pulumi.Blanket.Files;

namespace Pulumi.Blanket.Engine.States;

/// <summary>
/// A file that is whole after a crash, a full disk or a power cut: either what it was or what it became.
/// </summary>
/// <param name="path">Where it is.</param>
/// <param name="keepsOld">What it was is kept beside it, as <c>.bak</c>.</param>
/// <param name="step">For tests: called before each step with its name; what it throws is that step's failure.</param>
internal sealed class WholeFile(string path, bool keepsOld = false, Action<string>? step = null)
{
    /// <summary>What was written, but not given its name: left over of a process that was killed.</summary>
    public const string TemporarySuffix = ".new";

    public const string BackupSuffix = ".bak";

    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    // A link keeps being one.
    public string Path { get; } = Follow(path);

    /// <summary>Writes the file; on the disk before this returns.</summary>
    /// <exception cref="EngineException">It could not be written, and is what it was.</exception>
    public void Write(ReadOnlySpan<byte> content)
    {
        // A name of its own: two who write at once, since a lock was taken away by hand, are not to write one file.
        var temporary = $"{Path}.{Guid.NewGuid():N}{TemporarySuffix}";
        try
        {
            StateFolder.Make(System.IO.Path.GetDirectoryName(Path)!);
            using (FileStream stream = new(temporary, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = OwnerOnly, BufferSize = 0 }))
            {
                step?.Invoke("write");
                stream.Write(content);
                step?.Invoke("flush");
                stream.Flush(flushToDisk: true);
            }

            // One that is there stays open to whom it was: settings stand beside the program, for all who work on it.
            if (!keepsOld && File.Exists(Path))
            {
                File.SetUnixFileMode(temporary, File.GetUnixFileMode(Path));
            }

            step?.Invoke("replace");
            if (keepsOld && File.Exists(Path))
            {
                // Links the backup's name to the old content before it gives the new one its name: at no time is the file not there.
                File.Replace(temporary, Path, Path + BackupSuffix);
            }
            else
            {
                File.Move(temporary, Path, overwrite: true);
            }

            step?.Invoke("flush folder");
            Folder.Sync(System.IO.Path.GetDirectoryName(Path)!);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            Discard(temporary);
            throw new EngineException(EngineFailure.Storage, $"{Path} could not be written, and is what it was: {fault.Message}", fault);
        }
    }

    /// <summary>Takes away what processes that were killed left; for who is alone with the file.</summary>
    public void DiscardLeftovers()
    {
        if (System.IO.Path.GetDirectoryName(Path) is { } folder && Directory.Exists(folder))
        {
            foreach (var file in Directory.EnumerateFiles(folder, $"{System.IO.Path.GetFileName(Path)}.*{TemporarySuffix}"))
            {
                Discard(file);
            }
        }
    }

    private static string Follow(string path)
    {
        try
        {
            // To ask the target of what is not there is an error, and most files are new once.
            return new FileInfo(path).LinkTarget is null ? path : File.ResolveLinkTarget(path, returnFinalTarget: true)!.FullName;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new EngineException(EngineFailure.Storage, $"{path} is a link that leads nowhere: {fault.Message}", fault);
        }
    }

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
