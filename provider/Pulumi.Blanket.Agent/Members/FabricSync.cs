using Grpc.Core;
using Microsoft.Extensions.Logging;
using Pulumi.Blanket.Agent.Fabrics;
using Pulumi.Blanket.Agent.Hosts;
using Pulumi.Blanket.Agent.Machine;
using Pulumi.Blanket.Agent.Registry;
using Pulumi.Blanket.Agent.Serving;
using Pulumi.Blanket.Agent.Timing;
using Pulumi.Blanket.Contract;

namespace Pulumi.Blanket.Agent.Members;

/// <summary>
/// Brings the fabric back after a reboot, and keeps members on the same facts: a change is offered to all at once, and each member asks
/// around, often while it has just come up and now and then for ever, so that one that was away finds what it missed.
/// </summary>
internal sealed partial class FabricSync(
    FabricStore store, HostStore host, FabricMember member, FabricNews news, PeerChannels peers, PendingReleases releases, AgentClock clock, ILogger<FabricSync> log) : BackgroundLoop(clock, log)
{
    private readonly WakeSignal _wake = new();

    /// <summary>At most one offer waits: it is of the newest facts when its turn comes, however many changes there were.</summary>
    private readonly WakeSignal _offer = new();

    /// <summary>Machine ids of members that did not answer last.</summary>
    private readonly HashSet<string> _silent = new(StringComparer.Ordinal);

    private TimeSpan _pause;
    private bool _isRound = true;

    protected override string Subject => "keeping up with the fabric";

    protected override async Task RunAsync(CancellationToken stoppingToken)
    {
        news.Came += _wake.Wake;
        host.Changed += _wake.Wake;
        releases.Added += _wake.Wake;
        store.Changed += _offer.Wake;
        try
        {
            await Task.WhenAll(KeepUpAsync(stoppingToken), OfferAsync(stoppingToken), WatchRoomAsync(stoppingToken));
        }
        finally
        {
            news.Came -= _wake.Wake;
            host.Changed -= _wake.Wake;
            releases.Added -= _wake.Wake;
            store.Changed -= _offer.Wake;
        }
    }

    private Task KeepUpAsync(CancellationToken stoppingToken)
    {
        _pause = Timeouts.FirstSync;
        FailureLog acting = NewFailureLog(), asking = NewFailureLog(), announcing = NewFailureLog(), releasing = NewFailureLog();
        return RepeatAsync(
            Subject,
            async token =>
            {
                // Whatever fails, what comes next may go well: this loop is what brings a member back.
                await TryAsync("bringing up the fabric's mesh and networks", () => member.ActAsync(token, again: _isRound), acting, token);
                var hasCaughtUp = false;
                await TryAsync("asking other members for newer facts", async () => hasCaughtUp = store.Current is { } facts && await AskAroundAsync(facts, token), asking, token);
                if (hasCaughtUp)
                {
                    return TimeSpan.Zero;
                }

                await TryAsync("telling the primary this host's settings", () => AnnounceAsync(token), announcing, token);
                await TryAsync("giving claims back to the primary", () => ReleaseAsync(token), releasing, token);
                _isRound = !await _wake.WaitAsync(_pause, Clock.Time, token);
                _pause = _pause * 2 < Timeouts.LongestSync ? _pause * 2 : Timeouts.LongestSync;
                return TimeSpan.Zero;
            },
            stoppingToken);
    }

    /// <summary>A disk that filled up, or has room again, is told at once: who asks for room a moment later is to be told the truth.</summary>
    private Task WatchRoomAsync(CancellationToken stoppingToken)
    {
        long? told = null;
        return RepeatAsync(
            "looking at the room for disks",
            _ =>
            {
                if (store.Current is { } facts && host.Record is { Complete: true, Settings: { } settings } && HostInspector.Available(facts, settings).StorageGib is var now && now != told)
                {
                    told = now;
                    _wake.Wake();
                }

                return Task.FromResult<TimeSpan?>(Timeouts.RoomRound);
            },
            stoppingToken);
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
                var reply = await Clock.CallAsync(
                    limit => peers.To(facts, peer).FetchAsync(new FetchRequest { FabricId = facts.FabricId, Version = facts.Version, Term = facts.Term }, cancellationToken: limit), Timeouts.PeerCall, cancellationToken);
                _silent.Remove(peer.MachineId);
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
                if (_silent.Add(peer.MachineId))
                {
                    member.Doubt(); // the link may have been changed on this side
                }
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
            await Clock.CallAsync(
                limit => peers.To(facts, primary).AnnounceAsync(new Announcement { FabricId = facts.FabricId, Settings = settings, Capacity = Capacity() }, cancellationToken: limit), Timeouts.PeerCall, cancellationToken);
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
            await Clock.CallAsync(
                limit => peers.To(facts, primary).ReleasedAsync(new ReleasedRequest { FabricId = facts.FabricId, Uuids = { uuids } }, cancellationToken: limit), Timeouts.PeerCall, cancellationToken);
            releases.Done(facts.FabricId, uuids);
        }
        catch (RpcException fault) when (!cancellationToken.IsCancellationRequested)
        {
            LogPeerSilent(log, primary.Settings.Name, fault.Status.Detail);
        }
    }

    private async Task OfferAsync(CancellationToken stoppingToken)
    {
        await member.Ready.WaitAsync(stoppingToken); // nobody is reached before
        await RepeatAsync(
            "offering the fabric's facts to its members",
            async token =>
            {
                if (await _offer.WaitAsync(Timeout.InfiniteTimeSpan, Clock.Time, token) && store.Current is { } facts && facts.Primary == MachineFacts.MachineId)
                {
                    await OfferToAllAsync(facts, token);
                }

                return TimeSpan.Zero;
            },
            stoppingToken);
    }

    private Task OfferToAllAsync(FabricFacts facts, CancellationToken cancellationToken) => Parallel.ForEachAsync(
        facts.Members.Where(other => other.MachineId != MachineFacts.MachineId),
        new ParallelOptions { MaxDegreeOfParallelism = 8, CancellationToken = cancellationToken },
        async (peer, token) =>
        {
            try
            {
                await Clock.CallAsync(limit => peers.To(facts, peer).OfferAsync(facts, cancellationToken: limit), Timeouts.PeerCall, token);
            }
            catch (Exception fault) when (!token.IsCancellationRequested)
            {
                LogPeerSilent(log, peer.Settings.Name, fault is RpcException call ? call.Status.Detail : fault.Message); // it asks by itself
            }
        });
}
