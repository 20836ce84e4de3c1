using System.Threading.Channels;
using Grpc.Core;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Pulumi.Blanket.Agent.Hosts;
using Pulumi.Blanket.Agent.Registry;
using Pulumi.Blanket.Contract;

namespace Pulumi.Blanket.Agent.Fabrics;

/// <summary>
/// Brings the fabric back after a reboot, and keeps members on the same facts: a change is offered to all at once, and each member asks
/// around, often while it has just come up and now and then for ever, so that one that was away finds what it missed.
/// </summary>
internal sealed partial class FabricSync(
    FabricStore store, HostStore host, FabricMember member, PeerServer server, PeerChannels peers, PendingReleases releases, ILogger<FabricSync> log) : BackgroundService
{
    private static readonly TimeSpan CallTimeout = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(20);

    private readonly SemaphoreSlim _wake = new(0);

    /// <summary>At most one offer waits: it is of the newest facts when its turn comes, however many changes there were.</summary>
    private readonly Channel<bool> _offers = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        server.NewFacts += () => _wake.Release();
        host.Changed += () => _wake.Release();
        releases.Added += () => _wake.Release();
        store.Changed += () => _offers.Writer.TryWrite(true);
        await Task.WhenAll(KeepUpAsync(stoppingToken), OfferAsync(stoppingToken));
    }

    private async Task KeepUpAsync(CancellationToken stoppingToken)
    {
        var pause = FirstPause;
        var isRound = true;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await member.ActAsync(stoppingToken, again: isRound);
                if (store.Current is { } facts && await AskAroundAsync(facts, stoppingToken))
                {
                    continue;
                }

                await AnnounceAsync(stoppingToken);
                await ReleaseAsync(stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception fault)
            {
                // Whatever it is, what comes next may go well: this loop is what brings a member back.
                LogMeshFault(log, fault.Message);
            }

            try
            {
                isRound = !await _wake.WaitAsync(pause, stoppingToken);
                while (await _wake.WaitAsync(0, stoppingToken))
                {
                    // Several reasons to look are one.
                }
            }
            catch (OperationCanceledException)
            {
                return;
            }

            pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
        }
    }

    /// <returns>True when a peer had newer facts, which are taken.</returns>
    private async Task<bool> AskAroundAsync(FabricFacts facts, CancellationToken cancellationToken)
    {
        if (facts.Members.All(other => other.MachineId != MachineFacts.MachineId))
        {
            return false;
        }

        // The primary has the newest; where it is away any other may know more than this one.
        foreach (var peer in facts.Members.Where(other => other.MachineId != MachineFacts.MachineId).OrderByDescending(other => other.MachineId == facts.Primary))
        {
            try
            {
                var reply = await peers.To(facts, peer).FetchAsync(new FetchRequest { FabricId = facts.FabricId, Version = facts.Version, Term = facts.Term }, deadline: DateTime.UtcNow + CallTimeout, cancellationToken: cancellationToken);
                if (reply.Facts is not null && FabricStore.IsNewer(reply.Facts, facts))
                {
                    LogCaughtUp(log, reply.Facts.Version, peer.Settings.Name);
                    return await store.CatchUpAsync(reply.Facts) is not null;
                }

                if (peer.MachineId == facts.Primary)
                {
                    return false;
                }
            }
            catch (RpcException fault) when (!cancellationToken.IsCancellationRequested)
            {
                LogPeerSilent(log, peer.Settings.Name, fault.Status.Detail);
            }
        }

        return false;
    }

    /// <summary>What this host's owner set on it since the fabric's facts were written goes into them, by the primary's hand.</summary>
    private async Task AnnounceAsync(CancellationToken cancellationToken)
    {
        if (store.Current is not { } facts || host.Record is not { Complete: true, Settings: { } settings }
            || FabricChange.Announce(facts.Clone(), MachineFacts.MachineId, settings, Capacity()) is null)
        {
            return;
        }

        if (facts.Primary == MachineFacts.MachineId)
        {
            await store.TryChangeAsync(current => current is null ? null : FabricChange.Announce(current, MachineFacts.MachineId, settings, Capacity()));
            return;
        }

        if (facts.Members.FirstOrDefault(other => other.MachineId == facts.Primary) is not { } primary)
        {
            return;
        }

        try
        {
            await peers.To(facts, primary).AnnounceAsync(
                new Announcement { FabricId = facts.FabricId, Settings = settings, Capacity = Capacity() }, deadline: DateTime.UtcNow + CallTimeout, cancellationToken: cancellationToken);
        }
        catch (RpcException fault) when (!cancellationToken.IsCancellationRequested)
        {
            LogPeerSilent(log, primary.Settings.Name, fault.Status.Detail);
        }

        Capacity Capacity() => HostInspector.Available(store.Current, settings);
    }

    /// <summary>What machines and volumes held that are gone, the primary takes back.</summary>
    private async Task ReleaseAsync(CancellationToken cancellationToken)
    {
        if (store.Current is not { } facts || releases.Of(facts.FabricId) is not { Count: > 0 } uuids)
        {
            return;
        }

        if (facts.Primary == MachineFacts.MachineId)
        {
            await store.ChangeRegistryAsync(facts.Primary, current => ClaimChange.Release(current, uuids));
            releases.Done(facts.FabricId, uuids);
            return;
        }

        if (facts.Members.FirstOrDefault(other => other.MachineId == facts.Primary) is not { } primary)
        {
            return;
        }

        try
        {
            await peers.To(facts, primary).ReleasedAsync(
                new ReleasedRequest { FabricId = facts.FabricId, Uuids = { uuids } }, deadline: DateTime.UtcNow + CallTimeout, cancellationToken: cancellationToken);
            releases.Done(facts.FabricId, uuids);
        }
        catch (RpcException fault) when (!cancellationToken.IsCancellationRequested)
        {
            LogPeerSilent(log, primary.Settings.Name, fault.Status.Detail);
        }
    }

    private async Task OfferAsync(CancellationToken cancellationToken)
    {
        try
        {
            await member.Ready.WaitAsync(cancellationToken); // nobody is reached before
            await foreach (var _ in _offers.Reader.ReadAllAsync(cancellationToken))
            {
                if (store.Current is { } facts && facts.Primary == MachineFacts.MachineId)
                {
                    await OfferToAllAsync(facts, cancellationToken);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The agent stops.
        }
    }

    private async Task OfferToAllAsync(FabricFacts facts, CancellationToken cancellationToken)
    {
        await Parallel.ForEachAsync(facts.Members.Where(other => other.MachineId != MachineFacts.MachineId),
            new ParallelOptions { MaxDegreeOfParallelism = 8, CancellationToken = cancellationToken },
            async (peer, token) =>
            {
                try
                {
                    await peers.To(facts, peer).OfferAsync(facts, deadline: DateTime.UtcNow + CallTimeout, cancellationToken: token);
                }
                catch (RpcException fault)
                {
                    LogPeerSilent(log, peer.Settings.Name, fault.Status.Detail);
                }
            }).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    public override void Dispose()
    {
        _wake.Dispose();
        base.Dispose();
    }
}
