using CliWrap;
using CliWrap.Buffered;

namespace Pulumi.Blanket.Lab.Machine;

/// <summary>Runs programs with arguments as they are; no shell reads them.</summary>
internal static class CommandRunner
{
    public static async Task<CommandResult> RunAsync(
        string program, IReadOnlyList<string> arguments, string? input = null, CancellationToken cancellationToken = default)
    {
        var result = await Cli.Wrap(program)
            .WithArguments(arguments)
            .WithValidation(CommandResultValidation.None)
            .WithStandardInputPipe(input is null ? PipeSource.Null : PipeSource.FromString(input))
            .ExecuteBufferedAsync(cancellationToken);
        return new CommandResult($"{program} {string.Join(' ', arguments)}", result.ExitCode, result.StandardOutput, result.StandardError);
    }
}
