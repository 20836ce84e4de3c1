using Spectre.Console;

namespace Pulumi.Blanket.Cli;

/// <summary>The two streams that the command writes to. Both respect <c>NO_COLOR</c> and terminals that are none.</summary>
internal static class Consoles
{
    // A pipe has no width: nothing of ours is folded there.
    private const int PipeWidth = 10_000;

    public static IAnsiConsole Output { get; } = Create(Console.Out, Console.IsOutputRedirected);

    public static IAnsiConsole Error { get; } = Create(Console.Error, Console.IsErrorRedirected);

    private static IAnsiConsole Create(TextWriter writer, bool redirected)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(writer) });
        if (redirected)
        {
            console.Profile.Width = PipeWidth;
        }

        return console;
    }
}
