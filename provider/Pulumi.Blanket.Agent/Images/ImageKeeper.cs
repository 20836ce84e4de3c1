using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Pulumi.Blanket.Agent.Fabrics;
using Pulumi.Blanket.Agent.Hosts;
using Pulumi.Blanket.Libvirt;

namespace Pulumi.Blanket.Agent.Images;

/// <summary>Gets what this member is the home of and does not have, as after another one was lost; removes what nobody needs here. Again and again.</summary>
internal sealed partial class ImageKeeper(FabricStore fabrics, FabricMember member, ImageStore store, ImageJobs jobs, ILogger<ImageKeeper> log) : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(30);

    private readonly SemaphoreSlim _wake = new(0, 1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        fabrics.Changed += Wake;
        try
        {
            await member.Ready.WaitAsync(stoppingToken);
            while (true)
            {
                await KeepAsync(stoppingToken);
                await _wake.WaitAsync(Pause, stoppingToken);
            }
        }
        catch (OperationCanceledException)
        {
            // The agent stops.
        }
    }

    public override void Dispose()
    {
        _wake.Dispose();
        base.Dispose();
    }

    private void Wake()
    {
        try
        {
            _wake.Release();
        }
        catch (SemaphoreFullException)
        {
            // It is awake already.
        }
    }

    private async Task KeepAsync(CancellationToken cancellationToken)
    {
        try
        {
            await jobs.SweepAsync(cancellationToken);
            foreach (var image in (fabrics.Current?.Images ?? []).Where(image => image.Home == MachineFacts.MachineId && image.Stored is not null && store.Find(image.Sha256) is null))
            {
                await jobs.EnsureAsync(image.Sha256, static _ => { }, cancellationToken);
            }
        }
        catch (Exception fault) when (fault is AgentException or LibvirtException or IOException)
        {
            LogNotYet(log, fault.Message);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "images are not as they should be; trying again: {Reason}")]
    private static partial void LogNotYet(ILogger logger, string reason);
}
