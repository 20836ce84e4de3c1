using System.CommandLine;
using Pulumi.Blanket.Engine.Deployments;
using Spectre.Console;

namespace Pulumi.Blanket.Cli.Stacks;

/// <summary><c>preview</c>, <c>up</c>, <c>refresh</c>, <c>destroy</c></summary>
internal static class DeploymentCommands
{
    private static readonly Option[] Common =
    [
        StackOptions.Diff, StackOptions.Parallel, StackOptions.Target, StackOptions.Exclude, StackOptions.TargetDependents, StackOptions.ExpectNoChanges, StackOptions.ShowSames, StackOptions.Message,
    ];

    private static readonly Option[] Changing = [StackOptions.Yes, StackOptions.SkipPreview, StackOptions.PreviewOnly, StackOptions.ContinueOnError];

    public static IEnumerable<Command> Create()
    {
        yield return Define(
            new Command("preview", "Show what `up` would do"), [.. Common, StackOptions.Json, StackOptions.Refresh, StackOptions.Replace, StackOptions.Config],
            new DeploymentRun(DeploymentKind.Update, ("Previewing update", ""), "", "preview") { IsPreviewOnly = true });
        yield return Define(
            new Command("up", "Make the stack's resources what the program says") { Aliases = { "update" } }, [.. Common, .. Changing, StackOptions.Refresh, StackOptions.Replace, StackOptions.Config],
            new DeploymentRun(DeploymentKind.Update, ("Previewing update", "Updating"), "Do you want to perform this update?", "update"));
        yield return Define(
            new Command("refresh", "Read what is true of the stack's resources into its state"), [.. Common, .. Changing, StackOptions.ClearPendingCreates],
            new DeploymentRun(DeploymentKind.Refresh, ("Previewing refresh", "Refreshing"), "Do you want to perform this refresh?", "refresh"));
        yield return Define(
            new Command("destroy", "Delete all of the stack's resources") { Aliases = { "down", "dn" } }, [.. Common, .. Changing, StackOptions.Refresh],
            new DeploymentRun(DeploymentKind.Destroy, ("Previewing destroy", "Destroying"), "Do you want to destroy these resources?", "destroy")
            {
                Finish = (result, stack) =>
                {
                    if (result.Snapshot.Resources.IsEmpty)
                    {
                        Consoles.Output.WriteLine($"The stack's resources are deleted; its settings and history are kept. `blanket stack rm {stack.Stack}` removes them, too.");
                    }
                },
            });
    }

    private static Command Define(Command command, Option[] options, DeploymentRun run)
    {
        foreach (var option in options)
        {
            command.Options.Add(option);
        }

        command.SetAction((parsed, _) => run.RunAsync(parsed));
        return command;
    }
}
