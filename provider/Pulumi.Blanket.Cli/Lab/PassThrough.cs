using System.Diagnostics;

namespace Pulumi.Blanket.Cli.Lab;

/// <summary>Runs a program on this process's own terminal or pipes, and passes on its exit code.</summary>
internal static class PassThrough
{
    public static async Task<int> RunAsync((string Program, IReadOnlyList<string> Arguments) command)
    {
        using var process = Process.Start(command.Program, command.Arguments);
        // Ctrl-C reaches the program by itself; how it ends is its own affair.
        await process.WaitForExitAsync(CancellationToken.None);
        return process.ExitCode;
    }
}
