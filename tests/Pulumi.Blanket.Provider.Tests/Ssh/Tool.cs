using System.Diagnostics;

namespace Pulumi.Blanket.Provider.Tests.Ssh;

/// <summary>OpenSSH's own programs on this machine, as users have them.</summary>
internal static class Tool
{
    public static async Task<string> RunAsync(string program, IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null)
    {
        ProcessStartInfo start = new(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
        {
            start.Environment[name] = value;
        }

        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        var error = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(process.ExitCode == 0, $"{program}: {await error}");
        return output;
    }

    /// <summary>A key pair as ssh-keygen makes it; the folder is a test's own.</summary>
    public static async Task<(string File, string Private, string Public)> KeyAsync(string folder, string type, string bits, string format, string password)
    {
        var file = Path.Combine(folder, Guid.NewGuid().ToString("N"));
        List<string> arguments = ["-q", "-t", type, "-N", password, "-C", "a comment", "-f", file];
        if (bits.Length > 0)
        {
            arguments.AddRange(["-b", bits]);
        }

        if (format.Length > 0)
        {
            arguments.AddRange(["-m", format]);
        }

        await RunAsync("ssh-keygen", arguments);
        return (file, await File.ReadAllTextAsync(file), await File.ReadAllTextAsync(file + ".pub"));
    }
}
