using System.CommandLine;
using System.Diagnostics;
using Pulumi.Blanket.Lab;
using Pulumi.Blanket.Lab.Definition;
using Pulumi.Blanket.Lab.Machine;
using Spectre.Console;

namespace Pulumi.Blanket.Cli.Lab;

/// <summary><c>blanket lab up [NAME]</c></summary>
internal static class UpCommand
{
    public static Command Create()
    {
        Argument<string?> name = new("name") { Description = "The lab's name (default: the file's, else 'default')", Arity = ArgumentArity.ZeroOrOne };
        Option<string?> file = new("--file", "-f") { Description = "A lab file (YAML: name, hosts); see docs/lab.md" };
        Option<string[]> hosts = new("--host")
        {
            Description = "A host: NAME[,cloud=…][,region=…][,rateMbps=…][,storageGiB=…][,bare][,behind=HOST]; may be given several times",
        };
        Command command = new("up", "Bring a lab up: by default the hosts aws-1, gcp-1 and onprem-1") { name, file, hosts };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var watch = Stopwatch.StartNew();
            var definition = Define(parsed.GetValue(name), parsed.GetValue(file), parsed.GetValue(hosts) ?? []);
            var lab = await UpProgress.RunAsync(Consoles.Error, progress =>
                Blanket.Lab.Lab.UpAsync(definition, LabPaths.FromEnvironment(), progress, cancellationToken: cancellationToken));
            LabArguments.TellChanges(lab);
            Consoles.Output.SayLine($"[green]up[/] the lab '{lab.Name}' with {lab.Hosts.Count} host{(lab.Hosts.Count == 1 ? "" : "s")}, in {watch.Elapsed.TotalSeconds:0.0} s");
            var option = Blanket.Lab.Lab.Names(LabPaths.FromEnvironment()).Count == 1 ? "" : $" --lab {lab.Name}";
            Consoles.Output.SayLine($"[grey]next:[/] blanket lab status {lab.Name} · blanket lab ssh {lab.Hosts[0].Name}{option} · blanket lab down {lab.Name}");
            return ExitCodes.Success;
        });
        return command;
    }

    private static LabDefinition Define(string? name, string? file, string[] hosts) => (file, hosts) switch
    {
        (not null, { Length: > 0 }) => throw new LabException(LabFailure.InvalidInput, "give --file or --host, not both: either says what all the hosts are"),
        (not null, _) => LabFile.Read(file, name),
        (_, { Length: > 0 }) => new LabDefinition(name ?? LabDefinition.DefaultName, [.. hosts.Select(LabFile.ParseFlag)]),
        _ => LabDefinition.Default(name ?? LabDefinition.DefaultName),
    };
}
