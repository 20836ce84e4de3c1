using Pulumi.Blanket.Provider.Agents;

namespace Pulumi.Blanket.Provider.Reach;

/// <summary>A VM's console on the user's terminal, or on whatever standard input and output are.</summary>
internal static class TerminalConsole
{
    public static async Task JoinAsync(AgentClient agent, ReachArguments arguments, CancellationToken cancellationToken)
    {
        StandardStreams standard = new();
        if (Console.IsInputRedirected)
        {
            await agent.OpenConsoleAsync(arguments, standard, static _ => { }, cancellationToken);
            return;
        }

        RawTerminal? terminal = null;
        try
        {
            await agent.OpenConsoleAsync(arguments, new LeavableStreams(standard), name =>
            {
                Console.Error.WriteLine($"the console of {name}; Ctrl-] leaves it");
                terminal = RawTerminal.Enter();
            }, cancellationToken);
        }
        finally
        {
            if (terminal is not null)
            {
                terminal.Dispose();
                await Console.Error.WriteLineAsync();
            }
        }
    }
}
