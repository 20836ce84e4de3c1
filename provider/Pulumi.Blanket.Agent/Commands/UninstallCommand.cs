using Pulumi.Blanket.Agent.Fabrics;
using Pulumi.Blanket.Agent.Hosts;
using Pulumi.Blanket.Agent.Machine;

namespace Pulumi.Blanket.Agent.Commands;

/// <summary>Removes the agent from the host, with every file of its own. Only once nobody has adopted the host any more.</summary>
internal static class UninstallCommand
{
    public static async Task<int> RunAsync()
    {
        HostStore store = new();
        FabricStore fabrics = new();
        if (store.Record is { } record || fabrics.Current is not null)
        {
            await Console.Error.WriteLineAsync(
                $"blanket-agent: the host is still in use, by {(fabrics.Current is { } fabric ? $"the fabric {fabric.Settings.Name}" : string.Join(", ", store.Record?.Owners ?? []))}; delete that first");
            return ExitCodes.Failed;
        }

        await SystemdUnit.RemoveAsync(AgentPaths.WireGuardUnit);
        await SystemdUnit.RemoveAsync(AgentPaths.Unit);
        DurableFile.Delete(AgentPaths.Program);
        foreach (var folder in new[] { AgentPaths.Runtime, AgentPaths.State })
        {
            if (Directory.Exists(folder))
            {
                Directory.Delete(folder, recursive: true);
            }
        }

        Uploads.Remove(Environment.GetEnvironmentVariable("HOME"), TimeSpan.Zero);
        return ExitCodes.Done;
    }
}
