using Microsoft.Extensions.Logging;
using Pulumi.Blanket.Agent.Fabrics;
using Pulumi.Blanket.Agent.Machine;
using Pulumi.Blanket.Agent.Serving;
using Pulumi.Blanket.Agent.Timing;

namespace Pulumi.Blanket.Agent.Images;

/// <summary>Gets what this member is the home of and does not have, as after another one was lost; removes what nobody needs here. Again and again.</summary>
internal sealed class ImageKeeper(FabricStore fabrics, FabricMember member, ImageStore store, ImageJobs jobs, AgentClock clock, ILogger<ImageKeeper> log) : BackgroundLoop(clock, log)
{
    private readonly WakeSignal _wake = new();
    private readonly Dictionary<string, FailureLog> _failures = new(StringComparer.Ordinal);

    protected override string Subject => "keeping images";

    protected override async Task RunAsync(CancellationToken stoppingToken)
    {
        fabrics.Changed += _wake.Wake;
        try
        {
            await member.Ready.WaitAsync(stoppingToken);
            await Task.WhenAll(
                RepeatAsync("removing images that nobody needs", SweepAsync, stoppingToken),
                RepeatAsync(Subject, KeepAsync, stoppingToken, _wake));
        }
        finally
        {
            fabrics.Changed -= _wake.Wake;
        }
    }

    private async Task<TimeSpan?> SweepAsync(CancellationToken cancellationToken)
    {
        await jobs.SweepAsync(cancellationToken);
        return Timeouts.ImageRound;
    }

    /// <summary>Each by itself: one whose publisher is gone keeps no other from coming.</summary>
    private async Task<TimeSpan?> KeepAsync(CancellationToken cancellationToken)
    {
        var lacking = (fabrics.Current?.Images ?? []).Where(image => image.Home == MachineFacts.MachineId && image.Stored is not null && store.Find(image.Sha256) is null).ToList();
        foreach (var gone in _failures.Keys.Except(lacking.Select(static image => image.Sha256)).ToList())
        {
            _failures.Remove(gone);
        }

        foreach (var image in lacking)
        {
            if (!_failures.TryGetValue(image.Sha256, out var failures))
            {
                failures = _failures[image.Sha256] = NewFailureLog();
            }

            await TryAsync($"getting the image {image.Sha256[..12]}", () => jobs.EnsureAsync(image.Sha256, static _ => { }, cancellationToken), failures, cancellationToken);
        }

        return Timeouts.ImageRound;
    }
}
