using System.Diagnostics;
using Pulumi.Blanket.Files;

namespace Pulumi.Blanket.Agent.Tests.Support;

/// <summary>Images as qemu-img makes them, in a folder of their own.</summary>
internal sealed class ImageFiles : IDisposable
{
    public string Folder { get; } = Directory.CreateTempSubdirectory("blanket-images-").FullName;

    public string PathOf(string name) => Path.Combine(Folder, name);

    /// <summary>Runs qemu-img, with the folder as the one to work in.</summary>
    public string Run(params string[] arguments)
    {
        // It measures its key derivation by its own CPU time, and gives up where a busy machine lets it have too little.
        for (var attempt = 1; ; attempt++)
        {
            using var process = Process.Start(new ProcessStartInfo("qemu-img", arguments) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = Folder })!;
            var error = process.StandardError.ReadToEndAsync();
            var output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            if (process.ExitCode == 0)
            {
                return output;
            }

            Assert.True(error.Result.Contains("accurate CPU usage", StringComparison.Ordinal) && attempt < 20, error.Result);
        }
    }

    /// <summary>An image with some data in it.</summary>
    /// <param name="options">qemu-img's <c>-o</c>.</param>
    public string Make(string name, string format, string? options = null, int sizeKiB = 4096, bool compressed = false)
    {
        var raw = PathOf($"{name}.raw");
        var data = new byte[sizeKiB * 1024];
        new Random(7).NextBytes(data.AsSpan(0, 256 * 1024));
        File.WriteAllBytes(raw, data);
        Run(["convert", "-f", "raw", "-O", format, .. compressed ? ["-c"] : Array.Empty<string>(), .. options is null ? Array.Empty<string>() : ["-o", options], raw, PathOf(name)]);
        File.Delete(raw);
        return PathOf(name);
    }

    public string Write(string name, string text)
    {
        File.WriteAllText(PathOf(name), text);
        return PathOf(name);
    }

    /// <summary>The few lines that have a converter copy a file of the host.</summary>
    public static string FlatDescriptor(string file) =>
        $"""
        # Disk DescriptorFile
        version=1
        CID=12345678
        parentCID=ffffffff
        createType="monolithicFlat"
        RW 8 FLAT "{file}" 0
        ddb.adapterType = "ide"

        """;

    public void Dispose() => Directory.Delete(Folder, recursive: true);
}
