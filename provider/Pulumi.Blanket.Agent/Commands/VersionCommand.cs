namespace Pulumi.Blanket.Agent.Commands;

/// <summary>Says which agent this is: version, a space, the SHA-256 of its file.</summary>
internal static class VersionCommand
{
    public static async Task<int> RunAsync()
    {
        await Console.Out.WriteLineAsync($"{AgentVersion.Text} {AgentVersion.Hash()}");
        return ExitCodes.Done;
    }
}
