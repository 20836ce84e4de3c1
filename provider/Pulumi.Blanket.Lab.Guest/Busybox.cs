using System.Diagnostics;

namespace Pulumi.Blanket.Lab.Guest;

/// <summary>Runs the programs that the guest is otherwise made of; nothing here passes through a shell.</summary>
internal static class Busybox
{
    /// <summary>Runs <c>busybox ARGUMENTS</c> to its end.</summary>
    /// <returns>Its standard output, or null when it failed.</returns>
    public static string? Run(params string[] arguments)
    {
        using var process = StartProcess("/bin/busybox", arguments, redirect: true);
        process.BeginErrorReadLine(); // the console is for the ready line
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 ? output : null;
    }

    /// <summary>Starts a program and leaves it running.</summary>
    public static void Start(string program, params string[] arguments)
        => StartProcess(program, arguments, redirect: false).Dispose();

    private static Process StartProcess(string program, string[] arguments, bool redirect)
        => Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = redirect, RedirectStandardError = redirect })
            ?? throw new InvalidOperationException($"{program} did not start");
}
