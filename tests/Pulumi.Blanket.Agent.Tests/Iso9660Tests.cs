using System.Diagnostics;
using System.Text;
using Pulumi.Blanket.Agent.Machines;
using Pulumi.Blanket.Lab.Tests.Support;

namespace Pulumi.Blanket.Agent.Tests;

/// <summary>Seeds as others read them: by isoinfo, which has nothing in common with the writer.</summary>
public sealed class Iso9660Tests
{
    [Fact]
    public void OthersReadWhatWasWritten()
    {
        var large = string.Concat(Enumerable.Range(0, 2000).Select(line => $"line {line}\n"));
        (string Name, string Text)[] files = [("meta-data", "instance-id: 1\n"), ("user-data", large), ("network-config", ""), ("vendor-data", new string('x', 2048))];
        var path = Path.GetTempFileName();
        try
        {
            File.WriteAllBytes(path, Iso9660.Write("cidata", [.. files.Select(file => (file.Name, Encoding.UTF8.GetBytes(file.Text)))], DateTimeOffset.UtcNow));
            foreach (var (name, text) in files)
            {
                Assert.Equal(text, IsoInfo("-J", "-i", path, "-x", $"/{name}"));
            }

            Assert.Contains("Volume id: cidata", IsoInfo("-d", "-i", path), StringComparison.Ordinal);
            Assert.Contains("METADAT0.", IsoInfo("-l", "-i", path), StringComparison.Ordinal); // a reader without Joliet
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static string IsoInfo(params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo("isoinfo", arguments) { RedirectStandardOutput = true })!;
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
        return output;
    }
}
