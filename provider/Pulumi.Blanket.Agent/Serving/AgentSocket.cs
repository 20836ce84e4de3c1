using Pulumi.Blanket.Agent.Machine;

namespace Pulumi.Blanket.Agent.Serving;

/// <summary>The agent's unix socket: root's, and the fabric account's.</summary>
internal static class AgentSocket
{
    private const UnixFileMode Mode = DurableFile.Private | UnixFileMode.GroupRead | UnixFileMode.GroupWrite;

    /// <summary>Gives the fabric's account the socket, where the host has that account.</summary>
    public static async Task OpenToAccountAsync(CancellationToken cancellationToken)
    {
        if (File.Exists(AgentPaths.Socket) && await AgentAccount.ExistsAsync(cancellationToken))
        {
            await Command.RunOrThrowAsync("chgrp", [AgentAccount.Name, AgentPaths.Socket], cancellationToken: cancellationToken);
            File.SetUnixFileMode(AgentPaths.Socket, Mode);
        }
    }
}
