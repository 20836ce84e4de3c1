using Microsoft.Extensions.Logging;
using Pulumi.Blanket.Agent.Fabrics;
using Pulumi.Blanket.Agent.Hypervisor;
using Pulumi.Blanket.Agent.Machine;
using Pulumi.Blanket.Agent.Machines;
using Pulumi.Blanket.Agent.Serving;
using Pulumi.Blanket.Agent.Timing;

namespace Pulumi.Blanket.Agent.Moving;

/// <summary>Sees moves through that nobody else does: after a restart of the agent or its host, and while the other side did not answer.</summary>
internal sealed partial class MoveKeeper(
    MoveStore store, OutgoingMoves outgoing, IncomingMoves incoming, MoveSettlement settlement, HostLibvirt libvirt, KeyedLocks locks, FabricMember member, AgentClock clock, ILogger<MoveKeeper> log)
    : BackgroundLoop(clock, log)
{
    /// <summary>By UUID.</summary>
    private readonly Dictionary<string, Task> _running = new(StringComparer.Ordinal);

    private readonly WakeSignal _wake = new();
    private FailureLog? _damage;

    protected override string Subject => "seeing moves through";

    protected override async Task RunAsync(CancellationToken stoppingToken)
    {
        RemoveSockets();
        await member.Ready.WaitAsync(stoppingToken);
        store.Opened += _wake.Wake;
        try
        {
            await RepeatAsync(Subject, StartRoundAsync, stoppingToken, _wake);
            await Task.WhenAll(_running.Values);
        }
        finally
        {
            store.Opened -= _wake.Wake;
        }
    }

    /// <summary>Each move is seen through by itself: one that hangs delays no other.</summary>
    private async Task<TimeSpan?> StartRoundAsync(CancellationToken stoppingToken)
    {
        await TryAsync("reading the records of moves", () =>
        {
            store.RefuseDamage();
            return Task.CompletedTask;
        }, _damage ??= NewFailureLog(), stoppingToken);
        foreach (var ended in _running.Where(static running => running.Value.IsCompleted).Select(static running => running.Key).ToList())
        {
            _running.Remove(ended);
        }

        foreach (var order in store.Open.Select(static record => record.Order).Where(order => !_running.ContainsKey(order.Uuid)))
        {
            _running[order.Uuid] = Task.Run(() => RepeatAsync($"closing the move of {order.Name}", token => TryAsync(order.Uuid, token), stoppingToken, longestRetry: Timeouts.LongestMoveRetry), CancellationToken.None);
        }

        // A runner that has just ended may have missed that another move of its machine was opened.
        return _running.Count > 0 ? Timeouts.MoveRound : Timeouts.LongestSync;
    }

    private async Task<TimeSpan?> TryAsync(string uuid, CancellationToken cancellationToken)
    {
        if (store.Find(uuid) is not { } record)
        {
            return null; // closed
        }

        if (record.Order.Target == MachineFacts.MachineId)
        {
            await incoming.CarryOnAsync(record, cancellationToken);
        }
        else if (!outgoing.IsActive(uuid))
        {
            await CarryOnAsync(uuid, record.Order.Number, cancellationToken);
        }

        return Timeouts.MoveRound;
    }

    /// <summary>Of an agent that was killed.</summary>
    private static void RemoveSockets()
    {
        foreach (var socket in Directory.EnumerateFiles(AgentPaths.Runtime, LibvirtBridge.SocketPattern))
        {
            File.Delete(socket);
        }
    }

    private async Task CarryOnAsync(string uuid, string number, CancellationToken cancellationToken)
    {
        using var turn = await locks.TakeAsync(uuid, cancellationToken);
        if (store.Find(uuid) is not { } record || record.Order.Number != number || outgoing.IsActive(uuid))
        {
            return;
        }

        record = await settlement.DecideAsync(record, cancellationToken);
        if (record.Phase is MovePhase.Kept or MovePhase.HandedOver)
        {
            var conclusion = await settlement.CloseAsync(record, 0, cancellationToken);
            LogClosed(log, record.Order.Name, record.Order.Target, record.Phase);
            if (conclusion?.Warning is { Length: > 0 } warning)
            {
                LogWarned(log, warning);
            }
        }
        else if (record.Phase != MovePhase.Switching && await (await libvirt.GetAsync(cancellationToken)).FindDomainAsync(Guid.Parse(uuid), cancellationToken) is { } domain)
        {
            // A copy that nobody follows any more.
            await (await libvirt.GetAsync(cancellationToken)).AbortJobAsync(domain, cancellationToken);
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "the move of {Name} to {Target} is closed: {Phase}")]
    private static partial void LogClosed(ILogger logger, string name, string target, MovePhase phase);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Warning}")]
    private static partial void LogWarned(ILogger logger, string warning);
}
