using Pulumi.Blanket.Agent.Machine;

namespace Pulumi.Blanket.Agent.Networks;

/// <summary>Commands of `ip`, in one process for all: each takes longer than what it does.</summary>
internal static class IpCommands
{
    /// <param name="networkNamespace">Null: the host's own.</param>
    public static async Task RunAsync(IReadOnlyList<string> commands, CancellationToken cancellationToken, string? networkNamespace = null)
    {
        if (commands.Count > 0)
        {
            string[] where = networkNamespace is null ? [] : ["-n", networkNamespace];
            await Command.RunOrThrowAsync("ip", [.. where, "-batch", "-"], input: string.Join('\n', commands) + "\n", cancellationToken: cancellationToken);
        }
    }
}
