using Microsoft.Extensions.Logging;
using Pulumi.Blanket.Agent.Fabrics;
using Pulumi.Blanket.Agent.Serving;
using Pulumi.Blanket.Agent.Timing;

namespace Pulumi.Blanket.Agent.Machines;

/// <summary>
/// Starts the machines that are to run once the host has started, and mesh and networks are up. Once per boot: what somebody stops later
/// stays so, whatever becomes of the agent. A host that is no member of its fabric any more starts none.
/// </summary>
internal sealed partial class MachineRestoration(FabricMember member, MachineWorks works, AgentClock clock, ILogger<MachineRestoration> log) : BackgroundLoop(clock, log)
{
    /// <summary>For machines that libvirt refuses to start. That libvirt does not answer is no attempt.</summary>
    private const int Attempts = 5;

    /// <summary>Goes with the boot.</summary>
    private const string Marker = AgentPaths.Runtime + "/started";

    private int _attempts;

    protected override string Subject => "starting machines after the host's start";

    protected override async Task RunAsync(CancellationToken stoppingToken)
    {
        if (!File.Exists(Marker))
        {
            await member.Ready.WaitAsync(stoppingToken);
            await RepeatAsync(Subject, StartRoundAsync, stoppingToken);
        }
    }

    private async Task<TimeSpan?> StartRoundAsync(CancellationToken cancellationToken)
    {
        var failures = await works.StartAllAsync(cancellationToken);
        if (failures.Count > 0 && ++_attempts < Attempts)
        {
            return Timeouts.StartRound;
        }

        foreach (var (name, reason) in failures)
        {
            LogNotStarted(log, name, reason);
        }

        await File.WriteAllTextAsync(Marker, "", cancellationToken);
        return null;
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "{Name} could not be started after the host's start: {Reason}")]
    private static partial void LogNotStarted(ILogger logger, string name, string reason);
}
