using System.CommandLine;

namespace Pulumi.Blanket.Cli.Lab;

/// <summary><c>blanket lab …</c>: several clouds on one machine, made of real parts.</summary>
internal static class LabCommand
{
    public static Command Create() => new("lab", "Several clouds on this machine, of real parts, to try, test and measure on (needs root)")
    {
        UpCommand.Create(),
        StatusCommand.Create(),
        SshCommand.Create(),
        ExecCommand.Create(),
        WanCommands.CreateCut(),
        WanCommands.CreateHeal(),
        WanCommands.CreateRate(),
        FaultCommand.Create(),
        DemoCommand.Create(),
        DownCommand.Create(),
        DownCommand.CreateClean(),
    };
}
