using System.Diagnostics;
using Pulumi.Blanket.EndToEnd.Tests.Support;
using Pulumi.Blanket.Lab.Definition;
using Pulumi.Blanket.Lab.Machine;
using Pulumi.Blanket.Lab.Tests.Support;
using Pulumi.Blanket.Lab.Tests;
using Pulumi.Blanket.Lab;

namespace Pulumi.Blanket.EndToEnd.Tests.Examples;

/// <summary>The lab that <c>blanket lab up</c> makes, and the command `blanket` as its users run it: with a project of theirs, from where the lab's clients are.</summary>
public sealed class ExampleLab : IAsyncLifetime
{
    private const string LabName = "example";
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(8);
    private static readonly LabPaths Paths = LabPaths.FromEnvironment();
    private static readonly string Root = FindRoot();

    private LabPlace? _place;

    public Blanket.Lab.Lab Lab { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        if (LabAvailability.Reason is not null)
        {
            return;
        }

        _place = await LabPlace.TakeAsync();
        try
        {
            await Blanket.Lab.Lab.DownAsync(LabName, Paths);
            Lab = await Blanket.Lab.Lab.UpAsync(LabDefinition.Default(LabName), Paths, new Progress<LabProgress>());
        }
        catch
        {
            _place.Dispose();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (Lab is not null)
        {
            await Blanket.Lab.Lab.DownAsync(LabName, Paths);
        }

        _place?.Dispose();
    }

    /// <summary>A folder for a project, which goes with the lab.</summary>
    public string MakeFolder() => Directory.CreateDirectory(Path.Combine(Lab.Folder, $"project-{Guid.NewGuid():N}")).FullName;

    public Process Start(string folder, IEnumerable<string> arguments)
    {
        var (program, prefix) = Lab.ControlCommand(folder, [Path.Combine(Root, "bin", "blanket"), .. arguments]);
        ProcessStartInfo start = new(program, prefix) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["PULUMI_HOME"] = Path.Combine(folder, ".home");
        start.Environment["PULUMI_BACKEND_URL"] = $"file://{folder}";
        start.Environment["PULUMI_CONFIG_PASSPHRASE"] = "example";
        start.Environment["NO_COLOR"] = "1";
        start.Environment["SSH_AUTH_SOCK"] = null;
        return Process.Start(start)!;
    }

    public async Task<(int ExitCode, string Output, string Error)> RunAsync(string folder, IEnumerable<string> arguments, string input = "")
    {
        using var process = Start(folder, arguments);
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        await process.WaitForExitAsync().WaitAsync(Limit);
        return (process.ExitCode, await output, await error);
    }

    public async Task<string> RunWellAsync(string folder, IEnumerable<string> arguments, string input = "")
    {
        var words = arguments.ToList();
        var (code, output, error) = await RunAsync(folder, words, input);
        Assert.True(code == 0, $"`blanket {string.Join(' ', words)}` ended with {code}: {output}\n{error}");
        return output;
    }

    /// <summary>Runs, and kills the command after that time, if it has not ended by then.</summary>
    public async Task RunAndKillAsync(string folder, IEnumerable<string> arguments, TimeSpan after)
    {
        using var process = Start(folder, arguments);
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        process.StandardInput.Close();
        await Task.WhenAny(process.WaitForExitAsync(), Task.Delay(after));

        // nsenter forks, to get into the lab's process namespace: the command is its child, and the plugin sees to itself.
        KillChildOf(process);
        await process.WaitForExitAsync().WaitAsync(Limit);
        await Task.WhenAny(Task.WhenAll(output, error), Task.Delay(TimeSpan.FromSeconds(20)));
    }

    private static void KillChildOf(Process nsenter)
    {
        try
        {
            var child = File.ReadAllText($"/proc/{nsenter.Id}/task/{nsenter.Id}/children").Split(' ')[0];
            using var command = Process.GetProcessById(int.Parse(child, System.Globalization.CultureInfo.InvariantCulture));
            command.Kill();
        }
        catch (Exception fault) when (fault is IOException or FormatException or ArgumentException or InvalidOperationException)
        {
            // It ended by itself.
        }
    }

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Pulumi.Blanket.sln")))
            {
                return folder.FullName;
            }
        }

        throw new InvalidOperationException("the tests run outside of the repository");
    }
}
