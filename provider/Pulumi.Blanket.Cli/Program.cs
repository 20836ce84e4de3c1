using System.CommandLine;
using Pulumi.Blanket.Cli;
using Pulumi.Blanket.Cli.Lab;
using Pulumi.Blanket.Cli.Stacks;
using Pulumi.Blanket.Engine;
using Pulumi.Blanket.Engine.Programs;
using Pulumi.Blanket.Lab;
using Spectre.Console;

// Answers go to standard output; progress and errors to standard error, so that output can be piped.
RootCommand root = new("blanket: one stack, many clouds, machines that move between them while they run")
{
    StackOptions.Stack, StackOptions.Folder, StackOptions.NonInteractive,
    NewCommand.Create(), ImportCommand.Create(), StackCommand.Create(), ConfigCommand.Create(), StackCommand.CreateCancel(), StateCommand.Create(), ReachCommands.CreateSsh(), ReachCommands.CreateConsole(),
    AboutCommand.Create(), LabCommand.Create(),
};
var deployments = DeploymentCommands.Create().ToList();
deployments.ForEach(root.Subcommands.Add);

// Not on everybody's PATH, and half of what a lab runs lies there.
Environment.SetEnvironmentVariable("PATH", $"{Environment.GetEnvironmentVariable("PATH")}:/usr/local/sbin:/usr/sbin:/sbin");

var parsed = root.Parse(args.Length == 0 ? ["--help"] : args);
if (parsed.Errors.Count > 0)
{
    foreach (var error in parsed.Errors)
    {
        Consoles.Error.SayLine($"[red]error:[/] {error.Message}");
    }

    Consoles.Error.WriteLine("`blanket --help`, or --help after any command, says what there is.");
    return ExitCodes.Usage;
}

try
{
    // Ctrl-C cancels; what was begun is then taken back, which may take a while. Deployments see to signals themselves: they take as long as it takes.
    var limit = deployments.Contains(parsed.CommandResult.Command) || parsed.CommandResult.Command.Name == "import" ? (TimeSpan?)null : TimeSpan.FromMinutes(2);
    return await parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = limit });
}
catch (LabException fault)
{
    Consoles.Error.SayLine($"[red]error:[/] {fault.Message}");
    return fault.IsUsage ? ExitCodes.Usage : ExitCodes.Failure;
}
catch (ProgramException fault)
{
    foreach (var diagnostic in fault.Diagnostics)
    {
        Console.Error.WriteLine(diagnostic);
    }

    return ExitCodes.Usage;
}
catch (EngineException fault)
{
    Consoles.Error.SayLine($"[red]error:[/] {fault.Message}");
    return fault.Reason is EngineFailure.InvalidInput or EngineFailure.InvalidProgram or EngineFailure.NotFound or EngineFailure.Secrets ? ExitCodes.Usage : ExitCodes.Failure;
}
catch (OperationCanceledException)
{
    Consoles.Error.SayLine($"[yellow]interrupted[/]");
    return ExitCodes.Interrupted;
}
catch (Exception fault)
{
    Consoles.Error.SayLine($"[red]error:[/] this is a bug in blanket, not a mistake of yours; please report it with all of the following");
    Console.Error.WriteLine(fault);
    return ExitCodes.Failure;
}
