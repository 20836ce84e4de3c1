using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Pulumi.Blanket.Provider.Agents;
using Pulumi.Blanket.Provider.Configuration;
using Pulumi.Blanket.Provider.Errors;
using Pulumi.Blanket.Provider.Hosting;

namespace Pulumi.Blanket.Provider.Reach;

/// <summary>The verbs <c>reach</c> and <c>console</c>: join standard input and output to a VM, wherever on its fabric it is.</summary>
internal static class ReachCommand
{
    private const int Failed = 1;

    private static readonly PosixSignal[] Endings = [PosixSignal.SIGINT, PosixSignal.SIGTERM, PosixSignal.SIGHUP, PosixSignal.SIGQUIT];

    public static async Task<int> RunAsync(PluginCommand command, ReachArguments arguments)
    {
        using CancellationTokenSource told = new();
        var registrations = Endings.Select(signal => PosixSignalRegistration.Create(signal, context =>
        {
            context.Cancel = true;
            told.Cancel();
        })).ToList();
        try
        {
            await using AgentAccess access = new();
            var fabric = ConnectionVariable.Read(Environment.GetEnvironmentVariable(ConnectionVariable.Name));
            var session = new FabricAccess(access).Open(fabric, ProviderConfiguration.Empty, RandomNumberGenerator.GetHexString(6, lowercase: true));
            var agent = await session.FindMachineAgentAsync(arguments.Vm, told.Token);
            await (command == PluginCommand.Console ? TerminalConsole.JoinAsync(agent, arguments, told.Token) : agent.DialAsync(arguments, new StandardStreams(), told.Token));
            return 0;
        }
        catch (OperationCanceledException) when (told.IsCancellationRequested)
        {
            // Whoever told us knows, and may have the terminal for itself by now, as ssh has.
            return Failed;
        }
        catch (ProviderException fault)
        {
            await Console.Error.WriteLineAsync($"pulumi-resource-blanket: {fault.Message.ReplaceLineEndings(" ")}");
            return Failed;
        }
        catch (Exception fault)
        {
            // The message stays here: nobody knows what is in it.
            await Console.Error.WriteLineAsync($"pulumi-resource-blanket: {fault.GetType().Name}; this is a bug in pulumi-resource-blanket {PluginVersion.Current}; please report it");
            return Failed;
        }
        finally
        {
            registrations.ForEach(static registration => registration.Dispose());
        }
    }
}
