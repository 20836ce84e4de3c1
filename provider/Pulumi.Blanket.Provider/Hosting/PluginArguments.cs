using System.Globalization;
using System.Net;
using Pulumi.Blanket.Provider.Reach;

namespace Pulumi.Blanket.Provider.Hosting;

/// <summary>The plugin's command line, as engines write it.</summary>
internal sealed record PluginArguments
{
    public const string Usage =
        """
        usage: pulumi-resource-blanket [<engine address>] [--logtostderr] [-v=N]
               pulumi-resource-blanket schema
               pulumi-resource-blanket reach --vm UUID [--port N] [--address A]
               pulumi-resource-blanket console --vm UUID [--force]
               pulumi-resource-blanket --version | --help

        The provider plugin of Pulumi.Blanket. Pulumi starts it; its first line of output is the port of its gRPC service.
        To debug it, start it by hand, and run Pulumi with PULUMI_DEBUG_PROVIDERS=blanket:<port>.

          schema         prints the package's schema
          reach          joins standard input and output to a TCP port of a VM, by default 22, at its first address or at A
          console        joins standard input and output to a VM's serial console; --force takes it over from whoever has it open
                         Both take the `connection` of the VM's Fabric, a secret, from the environment variable BLANKET_FABRIC, as JSON.
          --logtostderr  logs to standard error, as much as -v says
          -v=N           3: operations on resources, and failures; 5: every call; 7: their beginnings too
        """;

    public PluginCommand Command { get; init; } = PluginCommand.Serve;

    /// <summary>Empty where there is no engine.</summary>
    public string EngineAddress { get; init; } = "";

    public int Verbosity { get; init; }

    public ReachArguments Reach { get; init; } = new();

    /// <summary>What can't be understood; null where all can.</summary>
    public string? Fault { get; init; }

    public static PluginArguments Parse(IReadOnlyList<string> arguments)
    {
        PluginArguments result = new();
        var (verbosity, toStderr) = (0, false);
        for (var index = 0; index < arguments.Count; index++)
        {
            var (name, value) = Split(arguments[index]);
            switch (name)
            {
                case "--version" or "-version" or "version":
                    return new PluginArguments { Command = PluginCommand.Version };
                case "--help" or "-help" or "-h" or "help":
                    return new PluginArguments { Command = PluginCommand.Help };
                case "schema":
                    result = result with { Command = PluginCommand.Schema };
                    break;
                case "reach" or "console" when index == 0:
                    return ParseReach(name == "reach" ? PluginCommand.Reach : PluginCommand.Console, arguments);
                case "--logtostderr" or "-logtostderr":
                    toStderr = value is not "false";
                    break;
                case "--logflow" or "-logflow":
                    break;
                case "-v" or "--v":
                    value ??= index + 1 < arguments.Count ? arguments[++index] : "";
                    if (!int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out verbosity))
                    {
                        return result with { Fault = $"-v needs a number, and not '{value}'" };
                    }

                    break;
                case "--tracing" or "-tracing":
                    index += value is null ? 1 : 0;
                    break;
                case ['-', ..]:
                    return result with { Fault = $"there is no option '{name}'" };
                case var _ when result.EngineAddress.Length > 0 || value is not null:
                    return result with { Fault = $"'{arguments[index]}' is one argument too many" };
                default:
                    result = result with { EngineAddress = name };
                    break;
            }
        }

        return result with { Verbosity = toStderr ? Math.Max(verbosity, 1) : 0 };
    }

    private static PluginArguments ParseReach(PluginCommand command, IReadOnlyList<string> arguments)
    {
        PluginArguments result = new() { Command = command };
        for (var index = 1; index < arguments.Count; index++)
        {
            var (name, value) = Split(arguments[index]);
            if (command == PluginCommand.Console && name == "--force" && value is null)
            {
                result = result with { Reach = result.Reach with { Force = true } };
                continue;
            }

            if (!(name == "--vm" || (command == PluginCommand.Reach && name is "--port" or "--address")))
            {
                return result with { Fault = name is ['-', ..] ? $"there is no option '{name}'" : $"'{name}' is one argument too many" };
            }

            value ??= index + 1 < arguments.Count ? arguments[++index] : "";
            switch (name)
            {
                case "--vm" when Guid.TryParse(value, out var uuid):
                    result = result with { Reach = result.Reach with { Vm = uuid.ToString() } };
                    break;
                case "--port" when int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port is >= 1 and <= ushort.MaxValue:
                    result = result with { Reach = result.Reach with { Port = port } };
                    break;
                case "--address" when IPAddress.TryParse(value, out _):
                    result = result with { Reach = result.Reach with { Address = value } };
                    break;
                default:
                    return result with { Fault = $"{name} needs {(name == "--vm" ? "a VM's UUID, the id of its resource" : name == "--port" ? "a port" : "an address")}, and not '{value}'" };
            }
        }

        return result.Reach.Vm.Length > 0 ? result : result with { Fault = "--vm is missing: which VM?" };
    }

    private static (string Name, string? Value) Split(string argument)
        => argument is ['-', ..] && argument.Split('=', 2) is [var name, var value] ? (name, value) : (argument, null);
}
