namespace Pulumi.Blanket.Lab.Machine;

/// <summary>What a command printed and how it ended.</summary>
public sealed record CommandResult(string Command, int ExitCode, string Output, string Error)
{
    /// <returns>The output, without the last line break.</returns>
    /// <exception cref="LabException">The command failed; the message has the end of what it printed.</exception>
    public string OutputOrThrow()
        => ExitCode == 0
            ? Output.TrimEnd('\n')
            : throw new LabException(LabFailure.CommandFailed, $"`{Command}` failed with exit code {ExitCode}: {Tail(Error.Length > 0 ? Error : Output)}");

    private static string Tail(string text) => text.Trim() is { Length: > 1500 } trimmed ? "…" + trimmed[^1500..] : text.Trim();
}
