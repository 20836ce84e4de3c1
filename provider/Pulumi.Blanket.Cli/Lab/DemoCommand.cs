using System.CommandLine;
using System.Diagnostics;
using System.Security.Cryptography;
using System.Text.Json;
using Pulumi.Blanket.Cli.Stacks;
using Pulumi.Blanket.Engine.Projects;
using Pulumi.Blanket.Engine.States;
using Pulumi.Blanket.Lab.Definition;
using Pulumi.Blanket.Lab.Guests;
using Pulumi.Blanket.Lab.Hosts;
using Pulumi.Blanket.Lab.Machine;
using Spectre.Console;

namespace Pulumi.Blanket.Cli.Lab;

/// <summary><c>blanket lab demo</c>: the main job from nothing. Three clouds on this machine, the example on them, and what runs where.</summary>
internal static class DemoCommand
{
    private const string LabName = "demo";
    private const string Example = "three-clouds";
    private const string GuestImage = "guest.qcow2";

    // Guests of the lab's own emulation take their time on a machine that has other things to do.
    private static readonly TimeSpan GuestLimit = TimeSpan.FromMinutes(2);

    public static Command Create()
    {
        Option<bool> keep = new("--keep") { Description = "Leave the lab up at the end" };
        Command command = new("demo", "Bring three clouds up, deploy the example on them, show what runs where, move a machine to another cloud while a client talks to it, and take the lab down") { keep };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var paths = LabPaths.FromEnvironment();
            await Blanket.Lab.Lab.DownAsync(LabName, paths, cancellationToken); // what --keep, or a demo that was killed, left
            var watch = Stopwatch.StartNew();
            var lab = await UpProgress.RunAsync(Consoles.Error, progress => Blanket.Lab.Lab.UpAsync(LabDefinition.Default(LabName), paths, progress, cancellationToken: cancellationToken));
            var keeps = parsed.GetValue(keep);
            try
            {
                Say($"three clouds are up after {watch.Elapsed.TotalSeconds:0.0} s: {string.Join(", ", lab.Hosts.Select(host => host.Name))}");
                var folder = MakeProject(lab);
                var code = await DeployAsync(lab, folder, cancellationToken);
                if (code != ExitCodes.Success)
                {
                    return code;
                }

                await ShowAsync(lab, folder, cancellationToken);
                Say($"from nothing to three machines in three clouds in {watch.Elapsed.TotalSeconds:0} s");
                code = await DemoMove.RunAsync(lab, folder, cancellationToken);
                if (code != ExitCodes.Success)
                {
                    return code;
                }

                await ShowAsync(lab, folder, cancellationToken);
                if (keeps)
                {
                    Say($"go on with: blanket lab exec {LabName} -- env {string.Join(' ', Variables(lab).Select(pair => $"{pair.Name}={pair.Value}"))} {Environment.ProcessPath} --cwd {folder} up");
                }

                return code;
            }
            finally
            {
                if (!keeps)
                {
                    await Blanket.Lab.Lab.DownAsync(LabName, paths, CancellationToken.None);
                    Say("the lab is gone again; `blanket lab demo --keep` leaves it to play with");
                }
            }
        });
        return command;
    }

    private static string ProjectFolder(Blanket.Lab.Lab lab) => Path.Combine(lab.Folder, Example);

    // All of it stands in the lab's folder, and goes with the lab.
    private static (string Name, string Value)[] Variables(Blanket.Lab.Lab lab) =>
    [
        ("PULUMI_HOME", Path.Combine(ProjectFolder(lab), ".home")),
        (BackendLocation.Variable, $"file://{ProjectFolder(lab)}"),
        (PassphraseSource.FileVariable, Path.Combine(ProjectFolder(lab), "passphrase")),
    ];

    private static string MakeProject(Blanket.Lab.Lab lab)
    {
        var folder = ProjectFolder(lab);
        Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        File.WriteAllText(Path.Combine(folder, "passphrase"), Convert.ToHexString(RandomNumberGenerator.GetBytes(16)));
        foreach (var (name, value) in Variables(lab))
        {
            Environment.SetEnvironmentVariable(name, value);
        }

        foreach (var (path, text) in Templates.FilesOf(Example))
        {
            File.WriteAllText(Path.Combine(folder, path), text);
        }

        var project = Project.Find(folder);
        StackReference stack = new(project.Name, Workspace.FirstStack);
        var settings = StackSettings.Load(project.SettingsFile(stack.Stack), project.Name);
        var secrets = settings.EnsureSecrets(PassphraseSource.FromEnvironment);
        foreach (var host in lab.Hosts)
        {
            settings.Set(host.Definition.Cloud, host.Address);
        }

        settings.Set("image", Path.Combine(lab.GuestFolder, GuestImage));
        settings.Set("key", File.ReadAllText(lab.PrivateKeyFile), secrets);

        // The lab's clouds share the few processors of this machine.
        settings.Set("vcpusPerCore", "16");
        settings.Save();
        new FileBackend(folder).Create(stack, secrets);
        return folder;
    }

    // As a user does, from where the lab's clients are.
    private static Task<int> DeployAsync(Blanket.Lab.Lab lab, string folder, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Say($"blanket up --yes   # in examples/{Example}");
        return PassThrough.RunAsync(lab.ControlCommand(folder, [Environment.ProcessPath!, "up", "--yes", "--skip-preview", "--stack", Workspace.FirstStack]));
    }

    private static async Task ShowAsync(Blanket.Lab.Lab lab, string folder, CancellationToken cancellationToken)
    {
        StackReference stack = new(Example, Workspace.FirstStack);
        var resources = new FileBackend(folder).Load(stack, PassphraseSource.FromEnvironment).Snapshot.Resources;
        var table = new Table { Border = TableBorder.Rounded }.AddColumns("machine", "runs on", "cloud", "address", "says");
        foreach (var machine in resources.Where(resource => resource.Type == ReachCommands.MachineType))
        {
            var host = lab.Host(Text(machine.Outputs["location"]));
            var address = Text(((Protocol.Values.ArrayValue)machine.Outputs["addresses"]!.Bare).Items[0]);
            table.AddRow(Text(machine.Outputs["name"]), host.Name, host.Definition.Cloud, address, await AskAsync(host, VniOf(machine.Outputs), address, cancellationToken));
        }

        Consoles.Output.Write(table);
    }

    private static uint VniOf(Protocol.Values.ObjectValue machine)
    {
        var card = (Protocol.Values.ObjectValue)((Protocol.Values.ArrayValue)machine["networks"]!.Bare).Items[0].Bare;
        return uint.Parse(Text(card["network"]).Split('/')[1], System.Globalization.CultureInfo.InvariantCulture);
    }

    private static async Task<string> AskAsync(LabHost host, uint vni, string address, CancellationToken cancellationToken)
    {
        for (var watch = Stopwatch.StartNew(); watch.Elapsed < GuestLimit; await Task.Delay(TimeSpan.FromSeconds(1), cancellationToken))
        {
            var answer = await host.RunInNetworkAsync(vni, ["curl", "-s", "-m", "2", $"http://{address}/status"], cancellationToken);
            if (answer.ExitCode == 0 && JsonSerializer.Deserialize<GuestStatus>(answer.Output, JsonSerializerOptions.Web) is { } status)
            {
                return $"I am {status.Hostname}";
            }
        }

        return "nothing yet";
    }

    private static string Text(Protocol.Values.PropertyValue? value) => value?.Bare is Protocol.Values.StringValue text ? text.Text : "?";

    internal static void Say(string text) => Consoles.Output.SayLine($"[green]>[/] {text}");
}
