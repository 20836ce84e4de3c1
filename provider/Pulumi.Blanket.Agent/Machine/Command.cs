using System.Text;
using CliWrap;
using CliWrap.Buffered;
using Pulumi.Blanket.Agent.Timing;

namespace Pulumi.Blanket.Agent.Machine;

/// <summary>Runs programs of the host: with a list of arguments, never through a shell, and never with a secret among them.</summary>
internal static class Command
{
    private static readonly string[] Folders = ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"];

    private const int BufferBytes = 16 * 1024;

    /// <summary>Runs a program to its end, whatever its exit code.</summary>
    /// <param name="mostOutputBytes">Of each of its two outputs, where it may not be trusted to say little; what comes after is dropped.</param>
    /// <exception cref="AgentException">The program is not there, or takes longer than <paramref name="timeout"/> (<see cref="AgentTimeouts.Command"/> where none is given); it is ended then.</exception>
    public static async Task<CommandOutcome> RunAsync(
        string program, IReadOnlyList<string> arguments, string? input = null, TimeSpan? timeout = null, Action<string>? line = null, Action<string>? errorLine = null, int? mostOutputBytes = null, CancellationToken cancellationToken = default)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(timeout ?? AgentTimeouts.OfProcess.Command);
        var command = Cli.Wrap(program)
            .WithArguments(arguments)
            .WithEnvironmentVariables(static environment => environment.Set("LC_ALL", "C.UTF-8").Set("DEBIAN_FRONTEND", "noninteractive"))
            .WithStandardInputPipe(input is null ? PipeSource.Null : PipeSource.FromString(input))
            .WithStandardOutputPipe(line is null ? PipeTarget.Null : PipeTarget.ToDelegate(line))
            .WithStandardErrorPipe(errorLine is null ? PipeTarget.Null : PipeTarget.ToDelegate(errorLine))
            .WithValidation(CommandResultValidation.None);
        try
        {
            if (mostOutputBytes is { } most)
            {
                MemoryStream output = new(), error = new();
                var ended = await command.WithStandardOutputPipe(Bounded(output, most)).WithStandardErrorPipe(Bounded(error, most)).ExecuteAsync(limit.Token);
                return new CommandOutcome(ended.ExitCode, Encoding.UTF8.GetString(output.ToArray()), Encoding.UTF8.GetString(error.ToArray()));
            }

            var result = await command.ExecuteBufferedAsync(limit.Token);
            return new CommandOutcome(result.ExitCode, result.StandardOutput, result.StandardError);
        }
        catch (System.ComponentModel.Win32Exception fault)
        {
            throw new AgentException(AgentFault.NotPossible, $"the program {program} can't be run: {fault.Message}", fault);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new AgentException(AgentFault.Unavailable, $"{Path.GetFileName(program)} {string.Join(' ', arguments.Take(4))} took longer than {(timeout ?? AgentTimeouts.OfProcess.Command).TotalSeconds:0} s and was ended");
        }
    }

    /// <summary>The same, where another exit code than 0 is a failure.</summary>
    /// <returns>What it wrote to its standard output.</returns>
    public static async Task<string> RunOrThrowAsync(
        string program, IReadOnlyList<string> arguments, string? input = null, TimeSpan? timeout = null, CancellationToken cancellationToken = default)
    {
        var outcome = await RunAsync(program, arguments, input, timeout, cancellationToken: cancellationToken);
        return outcome.Succeeded
            ? outcome.Output
            : throw new AgentException(AgentFault.NotPossible, $"{Path.GetFileName(program)} {string.Join(' ', arguments)} failed with exit code {outcome.ExitCode}: {outcome.Complaint}");
    }

    private static PipeTarget Bounded(MemoryStream to, int most) => PipeTarget.Create(async (from, cancellationToken) =>
    {
        var buffer = new byte[BufferBytes];
        while (await from.ReadAsync(buffer, cancellationToken) is > 0 and var count)
        {
            to.Write(buffer, 0, Math.Min(count, most - (int)to.Length));
        }
    });

    /// <summary>Where a program lies in the usual folders; null where it is not installed.</summary>
    public static string? Find(string program)
        => Folders.Select(folder => $"{folder}/{program}").FirstOrDefault(File.Exists);
}
