using Microsoft.Extensions.Logging;
using Pulumi.Blanket.Agent.Serving;
using Pulumi.Blanket.Agent.Timing;

namespace Pulumi.Blanket.Agent.Hosts;

/// <summary>Brings back after a reboot what libvirt does not bring back itself.</summary>
internal sealed class HostRestoration(Adoption adoption, AgentClock clock, ILogger<HostRestoration> log) : BackgroundLoop(clock, log)
{
    protected override string Subject => "bringing the storage pool back";

    protected override Task RunAsync(CancellationToken stoppingToken) => adoption.RestoreAsync(stoppingToken);
}
