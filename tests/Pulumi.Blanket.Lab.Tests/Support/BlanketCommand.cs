using System.Diagnostics;
using Pulumi.Blanket.Lab.Machine;

namespace Pulumi.Blanket.Lab.Tests.Support;

/// <summary>Runs the command <c>blanket</c> as a user does: as a process of its own.</summary>
internal static class BlanketCommand
{
    private static string Program { get; } = Path.Combine(AppContext.BaseDirectory, "blanket.dll");

    public static ProcessStartInfo StartInfo(params string[] arguments)
        => new("dotnet", [Program, .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true };

    /// <summary>As from a terminal: what a shell starts in the background, this test among it, ignores SIGINT, and so do all of its processes.</summary>
    public static ProcessStartInfo StartInfoOfTerminal(params string[] arguments) => StartInfoThrough(["env", "--default-signal=INT"], arguments);

    /// <summary>Runs it through another program, such as <c>setpriv</c>.</summary>
    public static Task<CommandResult> RunThroughAsync(IReadOnlyList<string> wrapper, params string[] arguments) => RunAsync(StartInfoThrough(wrapper, arguments));

    public static Task<CommandResult> RunAsync(params string[] arguments) => RunAsync(StartInfo(arguments));

    public static async Task<CommandResult> RunAsync(ProcessStartInfo start)
    {
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return new CommandResult(string.Join(' ', start.ArgumentList), process.ExitCode, await output, await error);
    }

    private static ProcessStartInfo StartInfoThrough(IReadOnlyList<string> wrapper, string[] arguments)
        => new(wrapper[0], [.. wrapper.Skip(1), "dotnet", Program, .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true };
}
