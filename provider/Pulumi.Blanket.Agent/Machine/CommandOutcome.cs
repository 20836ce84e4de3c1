namespace Pulumi.Blanket.Agent.Machine;

/// <summary>How a program ended.</summary>
internal sealed record CommandOutcome(int ExitCode, string Output, string Error)
{
    public bool Succeeded => ExitCode == 0;

    /// <summary>The last lines that it complained with, for a message: at most three.</summary>
    public string Complaint
    {
        get
        {
            var lines = (Error.Trim().Length > 0 ? Error : Output).Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
            return lines.Length == 0 ? "it said nothing" : string.Join("; ", lines[^Math.Min(3, lines.Length)..]);
        }
    }
}
