using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Pulumi.Blanket.Cli.Lab;

/// <summary>Runs a program on this process's own terminal or pipes, and passes on its exit code.</summary>
internal static class PassThrough
{
    public static async Task<int> RunAsync((string Program, IReadOnlyList<string> Arguments) command)
    {
        using var process = Process.Start(command.Program, command.Arguments);
        // Ctrl-C reaches the program by itself, a request to end does not; how it ends is its own affair.
        using var ending = PosixSignalRegistration.Create(PosixSignal.SIGTERM, signal =>
        {
            signal.Cancel = true;
            process.Kill(entireProcessTree: true);
        });
        await process.WaitForExitAsync(CancellationToken.None);
        return process.ExitCode;
    }
}
