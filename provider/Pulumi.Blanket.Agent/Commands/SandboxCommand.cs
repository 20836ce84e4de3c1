using Pulumi.Blanket.Agent.Machine;

namespace Pulumi.Blanket.Agent.Commands;

/// <summary>Becomes another program, in a sandbox that <see cref="SandboxRoot"/> and <see cref="SandboxProcess"/> make. Whatever of that does not work, the program does not run.</summary>
internal static class SandboxCommand
{
    // Synchronous to its end: namespaces belong to a thread.
    public static int Run(uint account, long memoryBytes, long seconds, long fileBytes, string? source, string? target, string[] command)
    {
        if (Environment.UserName != "root" || account == 0 || memoryBytes <= 0 || seconds <= 0 || fileBytes < 0 || command.Length == 0 || !Path.IsPathRooted(command[0]))
        {
            Console.Error.WriteLine("blanket-agent: a sandbox needs root, an account of its own, limits, and the path of a program");
            return ExitCodes.Failed;
        }

        File.WriteAllText("/proc/self/oom_score_adj", "1000"); // where memory runs out, this is what goes
        SandboxRoot.Enter(command[0], source, target);
        SandboxProcess.Become(account, memoryBytes, seconds, fileBytes, command);
        return ExitCodes.Failed;
    }
}
