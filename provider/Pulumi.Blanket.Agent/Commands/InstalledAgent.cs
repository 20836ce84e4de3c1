using System.Security.Cryptography;
using Pulumi.Blanket.Agent.Machine;

namespace Pulumi.Blanket.Agent.Commands;

/// <summary>The agent that is in its place on this host, which may be another than this one.</summary>
internal static class InstalledAgent
{
    /// <summary>Null where none is installed, or what is there does not run.</summary>
    public static async Task<Version?> ReadVersionAsync()
    {
        if (!File.Exists(AgentPaths.Program))
        {
            return null;
        }

        try
        {
            var outcome = await Command.RunAsync(AgentPaths.Program, ["version"]);
            return Version.TryParse(outcome.Output.Split(' ')[0].Trim(), out var version) ? version : null;
        }
        catch (AgentException)
        {
            return null;
        }
    }

    public static async Task<string> ReadHashAsync()
    {
        await using var file = File.OpenRead(AgentPaths.Program);
        return Convert.ToHexStringLower(await SHA256.HashDataAsync(file));
    }
}
