using System.Collections.Concurrent;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Pulumi.Blanket.Agent.Fabrics;
using Pulumi.Blanket.Agent.Hosts;
using Pulumi.Blanket.Agent.Machines;
using Pulumi.Blanket.Libvirt;

namespace Pulumi.Blanket.Agent.Moving;

/// <summary>Sees moves through that nobody else does: after a restart of the agent or its host, and while the other side did not answer.</summary>
internal sealed partial class MoveKeeper(
    MoveStore store, OutgoingMoves outgoing, IncomingMoves incoming, MoveSettlement settlement, HostLibvirt libvirt, KeyedLocks locks, FabricMember member, ILogger<MoveKeeper> log) : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    /// <summary>What was logged last, by UUID: a host may be away for days, and a line for each attempt would fill the journal.</summary>
    private readonly ConcurrentDictionary<string, string> _logged = new(StringComparer.Ordinal);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            foreach (var socket in Directory.EnumerateFiles(AgentPaths.Runtime, LibvirtBridge.SocketPattern))
            {
                File.Delete(socket); // of an agent that was killed
            }

            await member.Ready.WaitAsync(stoppingToken);
            while (true)
            {
                await Task.WhenAll(store.Open.Select(record => TryAsync(record, stoppingToken)));
                await Task.Delay(Pause, stoppingToken);
            }
        }
        catch (OperationCanceledException)
        {
            // The agent stops.
        }
    }

    private async Task TryAsync(MoveRecord record, CancellationToken cancellationToken)
    {
        try
        {
            if (record.Order.Target == MachineFacts.MachineId)
            {
                await incoming.CarryOnAsync(record, cancellationToken);
            }
            else if (!outgoing.IsActive(record.Order.Uuid))
            {
                await CarryOnAsync(record.Order.Uuid, record.Order.Number, cancellationToken);
            }

            _logged.TryRemove(record.Order.Uuid, out _);
        }
        catch (Exception fault) when (fault is AgentException or LibvirtException or IOException)
        {
            if (_logged.GetValueOrDefault(record.Order.Uuid) != fault.Message)
            {
                _logged[record.Order.Uuid] = fault.Message;
                LogNotYet(log, record.Order.Name, fault.Message);
            }
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

    [LoggerMessage(Level = LogLevel.Warning, Message = "the move of {Name} is not closed yet; trying again: {Reason}")]
    private static partial void LogNotYet(ILogger logger, string name, string reason);
}
