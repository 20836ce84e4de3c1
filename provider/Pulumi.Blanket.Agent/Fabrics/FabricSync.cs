using Grpc.Core;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Pulumi.Blanket.Agent.Hosts;
using Pulumi.Blanket.Contract;

namespace Pulumi.Blanket.Agent.Fabrics;

/// <summary>
/// Brings the fabric back after a reboot, and keeps members on the same facts: a change is offered to all at once, and each member asks
/// around, often while it has just come up and now and then for ever, so that one that was away finds what it missed.
/// </summary>
internal sealed partial class FabricSync(FabricStore store, HostStore host, FabricMember member, PeerServer peers, ILogger<FabricSync> log) : BackgroundService
{
    private static readonly TimeSpan CallTimeout = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(20);

    private readonly SemaphoreSlim _wake = new(0);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        peers.NewFacts += () => _wake.Release();
        host.Changed += () => _wake.Release();
        store.Changed += facts =>
        {
            if (facts is not null && facts.Primary == MachineFacts.MachineId)
            {
                _ = OfferToAllAsync(facts, stoppingToken);
            }
        };

        var pause = FirstPause;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await member.ActAsync(stoppingToken);
                if (store.Current is { } facts && await AskAroundAsync(facts, stoppingToken))
                {
                    continue;
                }

                await AnnounceAsync(stoppingToken);
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
                await _wake.WaitAsync(pause, stoppingToken);
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
                using PeerClient client = new(facts, peer);
                var reply = await client.Calls.FetchAsync(new FetchRequest { FabricId = facts.FabricId, Version = facts.Version, Term = facts.Term }, deadline: DateTime.UtcNow + CallTimeout, cancellationToken: cancellationToken);
                if (reply.Facts is not null && FabricStore.IsNewer(reply.Facts, facts))
                {
                    LogCaughtUp(log, reply.Facts.Version, peer.Settings.Name);
                    store.Take(reply.Facts);
                    return true;
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
            store.TryChange(current => FabricChange.Announce(current, MachineFacts.MachineId, settings, Capacity()));
            return;
        }

        if (facts.Members.FirstOrDefault(other => other.MachineId == facts.Primary) is not { } primary)
        {
            return;
        }

        try
        {
            using PeerClient client = new(facts, primary);
            await client.Calls.AnnounceAsync(
                new Announcement { FabricId = facts.FabricId, Settings = settings, Capacity = Capacity() }, deadline: DateTime.UtcNow + CallTimeout, cancellationToken: cancellationToken);
        }
        catch (RpcException fault) when (!cancellationToken.IsCancellationRequested)
        {
            LogPeerSilent(log, primary.Settings.Name, fault.Status.Detail);
        }

        Capacity Capacity() => HostInspector.Limited(MachineFacts.Capacity, settings);
    }

    private async Task OfferToAllAsync(FabricFacts facts, CancellationToken cancellationToken)
    {
        await Parallel.ForEachAsync(facts.Members.Where(other => other.MachineId != MachineFacts.MachineId),
            new ParallelOptions { MaxDegreeOfParallelism = 8, CancellationToken = cancellationToken },
            async (peer, token) =>
            {
                try
                {
                    using PeerClient client = new(facts, peer);
                    await client.Calls.OfferAsync(facts, deadline: DateTime.UtcNow + CallTimeout, cancellationToken: token);
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
