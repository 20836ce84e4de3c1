using System.CommandLine;
using Pulumi.Blanket.Cli;
using Pulumi.Blanket.Cli.Lab;
using Pulumi.Blanket.Lab;
using Spectre.Console;

// Answers go to standard output; progress and errors to standard error, so that output can be piped.
RootCommand root = new("blanket: one stack, many clouds, machines that move between them while they run")
{
    LabCommand.Create(),
};

// Not on everybody's PATH, and half of what a lab runs lies there.
Environment.SetEnvironmentVariable("PATH", $"{Environment.GetEnvironmentVariable("PATH")}:/usr/local/sbin:/usr/sbin:/sbin");

var parsed = root.Parse(args.Length == 0 ? ["--help"] : args);
if (parsed.Errors.Count > 0)
{
    foreach (var error in parsed.Errors)
    {
        Consoles.Error.MarkupLineInterpolated($"[red]error:[/] {error.Message}");
    }

    Consoles.Error.WriteLine("`blanket --help`, or --help after any command, says what there is.");
    return ExitCodes.Usage;
}

try
{
    // Ctrl-C cancels; what was begun is then taken back, which may take a while.
    return await parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = TimeSpan.FromMinutes(2) });
}
catch (LabException fault)
{
    Consoles.Error.MarkupLineInterpolated($"[red]error:[/] {fault.Message}");
    return fault.IsUsage ? ExitCodes.Usage : ExitCodes.Failure;
}
catch (OperationCanceledException)
{
    Consoles.Error.MarkupLineInterpolated($"[yellow]interrupted[/]");
    return ExitCodes.Interrupted;
}
catch (Exception fault)
{
    Consoles.Error.MarkupLineInterpolated($"[red]error:[/] this is a bug in blanket, not a mistake of yours; please report it with all of the following");
    Console.Error.WriteLine(fault);
    return ExitCodes.Failure;
}
