using System.CommandLine;

namespace Pulumi.Blanket.Cli.Lab;

/// <summary><c>blanket lab exec NAME -- COMMAND</c>: runs a client in the lab's control namespace.</summary>
internal static class ExecCommand
{
    public static Command Create()
    {
        Argument<string> name = new("name") { Description = "The lab's name" };
        Argument<string[]> inner = new("command") { Description = "What to run, after --", Arity = ArgumentArity.OneOrMore };
        Command command = new("exec", "Run a command where the lab's clients live: it reaches the hosts and nothing else") { name, inner };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var lab = await LabArguments.OpenAsync(parsed.GetValue(name)!, cancellationToken);
            return await PassThrough.RunAsync(lab.ControlCommand(Environment.CurrentDirectory, parsed.GetValue(inner)!));
        });
        return command;
    }
}
