using System.Collections.Immutable;
using System.CommandLine;
using System.Diagnostics;
using Pulumi.Blanket.Engine;
using Pulumi.Blanket.Engine.Plugins;
using Pulumi.Blanket.Engine.States;
using Pulumi.Blanket.Protocol.Values;

namespace Pulumi.Blanket.Cli.Stacks;

/// <summary><c>blanket ssh VM</c> and <c>blanket console VM</c>: to a VM of the stack, wherever it is, by its fabric alone.</summary>
internal static class ReachCommands
{
    public const string MachineType = "blanket:index:VirtualMachine";
    private const string FabricVariable = "BLANKET_FABRIC";

    public static Command CreateSsh()
    {
        Argument<string> machine = new("vm") { Description = "The VM: its name in the program, or its own" };
        Argument<string[]> rest = new("arguments") { Description = "For ssh, after --: options, or a command to run", Arity = ArgumentArity.ZeroOrMore };
        Option<string> user = new("--user", "-l") { Description = "Account in the VM", DefaultValueFactory = _ => "root" };
        Option<int> port = new("--port") { Description = "The VM's SSH port", DefaultValueFactory = _ => 22 };
        Command command = new("ssh", "Log in to a VM, wherever it is") { machine, rest, user, port };
        command.SetAction((parsed, _) =>
        {
            var workspace = Workspace.Open(parsed);
            var (state, fabric) = Find(workspace, parsed.GetRequiredValue(machine));
            var plugin = workspace.CreateFinder().Find("blanket", "");

            // Known by the machine, whatever its address or host: its key goes with it.
            List<string> arguments =
            [
                "-o", $"ProxyCommand={Quote(plugin)} reach --vm {state.Id} --port {parsed.GetValue(port)}", "-o", $"HostKeyAlias={state.Id}", "-o", "StrictHostKeyChecking=accept-new",
                "-l", parsed.GetRequiredValue(user), NameOf(state),
                .. parsed.GetValue(rest) ?? [],
            ];
            return RunAsync("ssh", arguments, fabric);
        });
        return command;
    }

    public static Command CreateConsole()
    {
        Argument<string> machine = new("vm") { Description = "The VM: its name in the program, or its own" };
        Option<bool> force = new("--force") { Description = "Take the console over from whoever has it" };
        Command command = new("console", "Open a VM's serial console, wherever it is") { machine, force };
        command.SetAction((parsed, _) =>
        {
            var workspace = Workspace.Open(parsed);
            var (state, fabric) = Find(workspace, parsed.GetRequiredValue(machine));
            return RunAsync(workspace.CreateFinder().Find("blanket", ""), ["console", "--vm", state.Id, .. parsed.GetValue(force) ? ["--force"] : Array.Empty<string>()], fabric);
        });
        return command;
    }

    /// <summary>The VM's state, and its fabric's connection.</summary>
    private static (ResourceState Machine, string Fabric) Find(Workspace workspace, string name)
    {
        var stack = workspace.FindStack();
        var machines = workspace.Backend.Load(stack, workspace.Passphrase).Snapshot.Resources.Where(resource => resource is { Type: MachineType, Delete: false, Custom: true }).ToImmutableArray();
        var found = machines.Where(machine => Urn.NameOf(machine.Urn) == name || NameOf(machine) == name || machine.Id == name).ToList();
        return found switch
        {
            [] => throw new EngineException(EngineFailure.NotFound, $"the stack {stack.Stack} has no VM '{name}'; it has {(machines.IsEmpty ? "none" : string.Join(", ", machines.Select(machine => Urn.NameOf(machine.Urn))))}"),
            [var machine] => (machine, JsonOf(machine.Inputs["fabric"] ?? throw new EngineException(EngineFailure.InvalidState, $"the state of {machine.Urn} doesn't say its fabric"))),
            _ => throw new EngineException(EngineFailure.InvalidInput, $"the stack {stack.Stack} has {found.Count} VMs that '{name}' may mean; give one's id: {string.Join(", ", found.Select(machine => machine.Id))}"),
        };
    }

    private static string NameOf(ResourceState machine) => machine.Inputs["name"]?.Bare is StringValue name ? name.Text : Urn.NameOf(machine.Urn);

    private static string JsonOf(PropertyValue fabric) => PlainJson.Write(fabric);

    // ssh gives the command to the user's shell, and replaces what % stands for.
    private static string Quote(string path) => $"'{path.Replace("'", @"'\''", StringComparison.Ordinal).Replace("%", "%%", StringComparison.Ordinal)}'";

    private static async Task<int> RunAsync(string program, IReadOnlyList<string> arguments, string fabric)
    {
        ProcessStartInfo start = new(program, arguments);
        start.Environment[FabricVariable] = fabric;

        // The child has the terminal: Ctrl-C is its own.
        Console.CancelKeyPress += (_, key) => key.Cancel = true;
        try
        {
            using var process = Process.Start(start)!;
            await process.WaitForExitAsync();
            return process.ExitCode;
        }
        catch (System.ComponentModel.Win32Exception fault)
        {
            throw new EngineException(EngineFailure.NotFound, $"{program} can't be started: {fault.Message}; install it", fault);
        }
    }
}
