using System.Diagnostics;
using Pulumi.Blanket.Engine.Projects;
using Pulumi.Blanket.Engine.States;
using Pulumi.Blanket.Files;
using Pulumi.Blanket.Probe;

namespace Pulumi.Blanket.Engine.Tests.Command;

/// <summary>Runs of the command `blanket` in a project of its own, with the probe as its provider.</summary>
internal sealed class CommandRun : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(5);

    public CommandRun()
    {
        Folder = Directory.CreateTempSubdirectory("blanket-").FullName;
        World = Directory.CreateDirectory(Path.Combine(Folder, "world")).FullName;
        States = Directory.CreateDirectory(Path.Combine(Folder, "states")).FullName;
    }

    public static string Program { get; } = InRepository("bin", "blanket");

    public string Folder { get; }

    /// <summary>What the probe has made.</summary>
    public string World { get; }

    /// <summary>Where the states are.</summary>
    public string States { get; }

    /// <summary>On top of this process's own; null takes a variable away.</summary>
    public Dictionary<string, string?> Environment { get; } = new() { [PassphraseSource.Variable] = "test" };

    /// <summary>Writes the project's file.</summary>
    public void Write(string program) => File.WriteAllText(Path.Combine(Folder, "Pulumi.yaml"), $"""
        name: test
        runtime: yaml
        plugins:
          providers:
            - name: probe
              path: {InRepository("tests", "Pulumi.Blanket.Probe", "bin", "Release", "net10.0")}
        {program}
        """);

    public Process Start(params IEnumerable<string> arguments)
    {
        // As from a terminal: what a shell starts in the background, this test among it, ignores SIGINT, and so do all of its processes.
        ProcessStartInfo start = new("env", ["--default-signal=INT", Program, .. arguments]) { WorkingDirectory = Folder, RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        start.Environment["PULUMI_HOME"] = Path.Combine(Folder, "home");
        start.Environment[BackendLocation.Variable] = $"file://{States}";
        start.Environment["PROBE_WORLD"] = World;
        start.Environment["NO_COLOR"] = "1";
        foreach (var (name, value) in Environment)
        {
            start.Environment[name] = value;
        }

        var process = Process.Start(start)!;
        process.StandardInput.Close();
        return process;
    }

    /// <summary>Runs to the end.</summary>
    public async Task<(int ExitCode, string Output, string Error)> RunAsync(params IEnumerable<string> arguments)
    {
        using var process = Start(arguments);
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync().WaitAsync(Limit);
        return (process.ExitCode, await output, await error);
    }

    public async Task<string> RunWellAsync(params IEnumerable<string> arguments)
    {
        var (code, output, error) = await RunAsync(arguments);
        Assert.True(code == 0, $"`blanket {string.Join(' ', arguments)}` ended with {code}: {output}\n{error}");
        return output;
    }

    /// <summary>Runs, and kills the process after that time; true where it had ended by then.</summary>
    public async Task<bool> RunAndKillAsync(TimeSpan after, params IEnumerable<string> arguments)
    {
        using var process = Start(arguments);
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await Task.WhenAny(process.WaitForExitAsync(), Task.Delay(after));
        var ended = process.HasExited;
        process.Kill();
        await Task.WhenAll(output, error);
        return ended;
    }

    public Snapshot ReadState()
    {
        var passphrase = new PassphraseSource(name => Environment.GetValueOrDefault(name));
        return new FileBackend(States).Load(new StackReference("test", "dev"), passphrase).Snapshot;
    }

    public void Dispose() => Directory.Delete(Folder, recursive: true);

    private static string InRepository(params ReadOnlySpan<string> path)
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Pulumi.Blanket.sln")))
            {
                return Path.Combine([folder.FullName, .. path]);
            }
        }

        throw new InvalidOperationException("the tests run outside of the repository");
    }
}
