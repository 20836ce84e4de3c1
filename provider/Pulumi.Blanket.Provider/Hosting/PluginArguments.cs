using System.Globalization;

namespace Pulumi.Blanket.Provider;

/// <summary>The plugin's command line, as engines write it.</summary>
internal sealed record PluginArguments
{
    public const string Usage =
        """
        usage: pulumi-resource-blanket [<engine address>] [--logtostderr] [-v=N]
               pulumi-resource-blanket schema
               pulumi-resource-blanket --version | --help

        The provider plugin of Pulumi.Blanket. Pulumi starts it; its first line of output is the port of its gRPC service.
        To debug it, start it by hand, and run Pulumi with PULUMI_DEBUG_PROVIDERS=blanket:<port>.

          schema         prints the package's schema
          --logtostderr  logs to standard error, as much as -v says
          -v=N           3: operations on resources, and failures; 5: every call; 7: their beginnings too
        """;

    public PluginCommand Command { get; init; } = PluginCommand.Serve;

    /// <summary>Empty where there is no engine.</summary>
    public string EngineAddress { get; init; } = "";

    public int Verbosity { get; init; }

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

    private static (string Name, string? Value) Split(string argument)
        => argument is ['-', ..] && argument.Split('=', 2) is [var name, var value] ? (name, value) : (argument, null);
}
