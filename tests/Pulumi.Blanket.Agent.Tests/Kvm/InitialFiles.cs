using System.Diagnostics;

namespace Pulumi.Blanket.Agent.Tests.Kvm;

/// <summary>The initial file system of a machine, made of files of this one.</summary>
internal sealed class InitialFiles : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("blanket-initial").FullName;

    public void Add(string file, string? path = null)
    {
        var copy = Place(path ?? file);
        if (!File.Exists(copy))
        {
            File.Copy(file, copy);
        }
    }

    /// <summary>A program, with the libraries that it is linked with.</summary>
    public async Task AddProgramAsync(string file, string? path = null)
    {
        Add(file, path);
        using var list = Process.Start(new ProcessStartInfo("ldd", [file]) { RedirectStandardOutput = true })!;
        foreach (var word in (await list.StandardOutput.ReadToEndAsync()).Split([' ', '\n', '\t'], StringSplitOptions.RemoveEmptyEntries).Where(word => word.StartsWith('/')))
        {
            Add(word);
        }

        await list.WaitForExitAsync();
    }

    /// <summary>A text that may be run.</summary>
    public void Write(string path, string text)
    {
        File.WriteAllText(Place(path), text);
        File.SetUnixFileMode(Place(path), (UnixFileMode)0b111_101_101);
    }

    public void Write(string path, byte[] bytes) => File.WriteAllBytes(Place(path), bytes);

    /// <summary>As the kernel takes it.</summary>
    public async Task PackAsync(string archive)
    {
        using var pack = Process.Start(new ProcessStartInfo("cpio", ["--create", "--format=newc", "--quiet", $"--file={archive}"]) { RedirectStandardInput = true, WorkingDirectory = _root })!;
        foreach (var entry in Directory.EnumerateFileSystemEntries(_root, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            await pack.StandardInput.WriteLineAsync(Path.GetRelativePath(_root, entry));
        }

        pack.StandardInput.Close();
        await pack.WaitForExitAsync();
        Assert.Equal(0, pack.ExitCode);
    }

    public void Dispose() => Directory.Delete(_root, recursive: true);

    private string Place(string path)
    {
        var place = Path.Combine(_root, path.TrimStart('/'));
        Directory.CreateDirectory(Path.GetDirectoryName(place)!);
        return place;
    }
}
