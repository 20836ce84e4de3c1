using System.CommandLine;
using Pulumi.Blanket.Lab.Machine;
using Spectre.Console;

namespace Pulumi.Blanket.Cli.Lab;

/// <summary><c>blanket lab down [NAME]</c> and <c>blanket lab clean</c></summary>
internal static class DownCommand
{
    public static Command Create()
    {
        var name = LabArguments.Name();
        Command command = new("down", "Take a lab away, also one that never came up: no process, mount, namespace or file stays") { name };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var lab = parsed.GetValue(name)!;
            var existed = await Blanket.Lab.Lab.DownAsync(lab, LabPaths.FromEnvironment(), cancellationToken);
            Consoles.Output.WriteLine(existed ? $"the lab '{lab}' is gone" : $"there is no lab '{lab}', nothing to do");
            return ExitCodes.Success;
        });
        return command;
    }

    public static Command CreateClean()
    {
        Command command = new("clean", "Delete what labs keep between them: guest images, bare layers, packages");
        command.SetAction((_, _) =>
        {
            Blanket.Lab.Lab.Clean(LabPaths.FromEnvironment());
            return Task.FromResult(ExitCodes.Success);
        });
        return command;
    }
}
