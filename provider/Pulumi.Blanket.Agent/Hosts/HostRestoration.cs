using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Pulumi.Blanket.Libvirt;

namespace Pulumi.Blanket.Agent.Hosts;

/// <summary>Brings back after a reboot what libvirt does not bring back itself.</summary>
internal sealed partial class HostRestoration(Adoption adoption, ILogger<HostRestoration> log) : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (true)
        {
            try
            {
                await adoption.RestoreAsync(stoppingToken);
                return;
            }
            catch (Exception fault) when (fault is AgentException or LibvirtException)
            {
                LogNotYet(log, fault.Message);
            }
            catch (OperationCanceledException)
            {
                return;
            }

            await Task.Delay(Pause, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "the storage pool is not back yet; trying again: {Reason}")]
    private static partial void LogNotYet(ILogger logger, string reason);
}
