using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Pulumi.Blanket.Agent.Fabrics;
using Pulumi.Blanket.Libvirt;

namespace Pulumi.Blanket.Agent.Machines;

/// <summary>
/// Starts the machines that are to run once the host has started, and mesh and networks are up. Once per boot: what somebody stops later
/// stays so, whatever becomes of the agent. A host that is no member of its fabric any more starts none.
/// </summary>
internal sealed partial class MachineRestoration(FabricMember member, MachineWorks works, ILogger<MachineRestoration> log) : BackgroundService
{
    private const int Attempts = 5;

    /// <summary>Goes with the boot.</summary>
    private const string Marker = AgentPaths.Runtime + "/started";

    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            if (File.Exists(Marker))
            {
                return;
            }

            await member.Ready.WaitAsync(stoppingToken);
            for (var attempt = 1; attempt <= Attempts && !await TryAsync(attempt == Attempts, stoppingToken); attempt++)
            {
                await Task.Delay(Pause, stoppingToken);
            }

            await File.WriteAllTextAsync(Marker, "", stoppingToken);
        }
        catch (OperationCanceledException)
        {
            // The agent stops.
        }
    }

    private async Task<bool> TryAsync(bool isLast, CancellationToken cancellationToken)
    {
        try
        {
            var failures = await works.StartAllAsync(cancellationToken);
            foreach (var (name, reason) in failures.Where(_ => isLast))
            {
                LogNotStarted(log, name, reason);
            }

            return failures.Count == 0;
        }
        catch (Exception fault) when (fault is AgentException or LibvirtException)
        {
            LogNotYet(log, fault.Message);
            return false;
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "{Name} could not be started after the host's start: {Reason}")]
    private static partial void LogNotStarted(ILogger logger, string name, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "the machines can't be started yet; trying again: {Reason}")]
    private static partial void LogNotYet(ILogger logger, string reason);
}
