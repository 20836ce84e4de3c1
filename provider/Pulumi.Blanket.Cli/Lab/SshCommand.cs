using System.CommandLine;

namespace Pulumi.Blanket.Cli.Lab;

/// <summary><c>blanket lab ssh HOST [-- COMMAND]</c>: real SSH, with the lab's key and known hosts.</summary>
internal static class SshCommand
{
    public static Command Create()
    {
        var host = LabArguments.Host();
        var lab = LabArguments.Lab();
        Argument<string[]> remote = new("command") { Description = "What to run there, after --; without it, a shell", Arity = ArgumentArity.ZeroOrMore };
        Command command = new("ssh", "Log in to a host as root, over SSH") { host, lab, remote };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var opened = await LabArguments.OpenAsync(parsed.GetValue(lab), cancellationToken);
            var target = opened.Host(parsed.GetValue(host)!);
            return await PassThrough.RunAsync(opened.ControlCommand(Environment.CurrentDirectory, ["ssh", .. opened.SshArguments(target), .. parsed.GetValue(remote) ?? []]));
        });
        return command;
    }
}
