using System.Globalization;
using Pulumi.Blanket.Contract;
using Pulumi.Blanket.Provider.Agents;
using Pulumi.Blanket.Provider.Errors;
using Pulumi.Blanket.Provider.Operations;

namespace Pulumi.Blanket.Provider.Resources.VirtualMachine;

/// <summary>Moves a VM to the host that its inputs name. The agents do it, and see it through whatever becomes of this process.</summary>
internal static class VirtualMachineMove
{
    /// <summary>Whether the VM has to move: another host is asked for than was fulfilled last, and it is not there.</summary>
    public static bool IsNeeded(VirtualMachineInputs wanted, string location, string settledHost) => wanted.Host is { } host && host != settledHost && host != location;

    /// <returns>The VM where it is then; also where it was cancelled too late.</returns>
    public static async Task<MachineView> RunAsync(FabricSession session, OperationContext context, VirtualMachineInputs inputs, MachineView machine, CancellationToken cancellationToken)
    {
        var directory = await session.GetDirectoryAsync(cancellationToken);
        var target = FindTarget(directory, inputs.Host!);
        var from = directory.NameOf(machine.Location);
        var agent = await session.AgentAsync(machine.Location, cancellationToken);
        MoveRequest request = new() { Uuid = machine.Uuid, Target = target.MachineId, SettledHost = inputs.Host!, Options = VirtualMachineTranslation.ToOptions(inputs.Migration) };
        var moved = await LongWork.FollowAsync(
            end => agent.MoveMachineAsync(request, context.Log, end), limit => agent.CancelMoveAsync(machine.Uuid, limit), "the move", context.Log, cancellationToken);
        if (moved.LastMove is { } report)
        {
            context.Log.Info(string.Create(CultureInfo.InvariantCulture,
                $"moved from {from} to {target.Settings.Name} ({report.Mode}) in {report.Seconds:0.0} s, {report.TransferredBytes >> 20} MiB, standing still for {report.CopyMs + report.SwitchOverMs + report.ResumeMs:0} ms"));
        }

        return moved;
    }

    /// <summary>Says in a preview what an update would do and cost.</summary>
    public static async Task TellAsync(FabricSession session, OperationContext context, string uuid, VirtualMachineInputs inputs, string location, CancellationToken cancellationToken)
    {
        MoveEstimate estimate;
        try
        {
            var directory = await session.LookAsync(cancellationToken);
            var target = FindTarget(directory, inputs.Host!);
            var source = directory.Facts.Members.FirstOrDefault(member => member.Settings.Name == location)
                ?? throw new ProviderException(FailureReason.Unavailable, $"{location} is no member of the fabric any more");
            var options = VirtualMachineTranslation.ToOptions(inputs.Migration);
            estimate = await (await session.AgentAsync(source.MachineId, cancellationToken)).EstimateMoveAsync(uuid, target.MachineId, options, cancellationToken);
        }
        catch (ProviderException fault) when (fault.Reason is not (FailureReason.Bug or FailureReason.Precondition))
        {
            context.Log.Warning($"this update moves the VM from {location} to {inputs.Host}; what that costs could not be found out: {fault.Message}");
            return;
        }

        if (estimate.NeverFits)
        {
            throw new ProviderException(FailureReason.Precondition,
                $"host is '{inputs.Host}', where the VM does not fit even if nothing else were there: {string.Join(", ", estimate.Lacking)}; name another host, make the VM smaller, or raise that host's `limit` or `oversubscription`");
        }

        context.Log.Info($"this update moves the VM from {location} to {inputs.Host}, {Describe(estimate, inputs.Migration)}");
        if (estimate.Mode == MoveMode.Live && inputs.Migration is { PostCopy: not MigrationPostCopy.Never })
        {
            context.Log.Warning("by post-copy the VM goes on at the target before all of its memory is there: should the link or one of the two hosts break then, what is in its memory is lost, and it starts from its disk; "
                + "should the link break in the very moment in which a copy ends by itself, it may run on both hosts until they hear of each other; where that must not be, leave migration.postCopy out");
        }

        if (estimate.Lacking.Count > 0)
        {
            context.Log.Warning($"{inputs.Host} has no room for it right now: {string.Join(", ", estimate.Lacking)}");
        }
    }

    private static string Describe(MoveEstimate estimate, VirtualMachineMigration? migration)
    {
        const int MiB = 20;
        var (memory, disks) = (estimate.MemoryBytes >> MiB, estimate.DiskBytes >> MiB);
        var duration = MoveForecast.Of(estimate, migration) is { } forecast
            ? string.Create(CultureInfo.InvariantCulture,
                $"about {Math.Max(1, forecast.Seconds):0} s at {(double)forecast.BytesPerSecond / (1 << MiB):0.#} MiB/s ({(forecast.IsLimited ? "migration.bandwidthMiBps" : "as its last move went")})")
            : "how long that takes is not known, since none of its moves was measured yet";
        return estimate.Mode switch
        {
            MoveMode.Live when migration?.PostCopy == MigrationPostCopy.Always => $"live, by post-copy: up to {memory + disks} MiB (memory {memory}, disks {disks}), {duration}; it goes on there after one pass over its memory, and slowly until all of it has come",
            MoveMode.Live => $"live: up to {memory + disks} MiB (memory {memory}, disks {disks}) and what it writes meanwhile, {duration}; it stands still for well under a second at the end ({migration?.DowntimeMs ?? MoveForecast.DefaultDowntimeMs} ms are aimed at)",
            MoveMode.Suspend => $"suspended: up to {memory + disks} MiB (memory {memory}, disks {disks}), {duration}; it stands still while its memory is sent",
            _ when estimate.State is MachineState.Stopped or MachineState.Crashed => $"with its disks alone, since it does not run: up to {disks} MiB, {duration}",
            _ => $"cold: it is shut down, up to {disks} MiB of disks are sent, and it is started there; {duration}",
        };
    }

    public static Member FindTarget(FabricDirectory directory, string host)
    {
        var target = directory.Facts.Members.FirstOrDefault(member => member.Settings.Name == host)
            ?? throw new ProviderException(FailureReason.Precondition,
                $"host is '{host}', which is no member of the fabric {directory.Facts.FabricId}; its members are {string.Join(", ", directory.Facts.Members.Select(member => member.Settings.Name).Order(StringComparer.Ordinal))}");
        return target.Departing || !target.Settings.Schedulable
            ? throw new ProviderException(FailureReason.Precondition, $"host is '{host}', which takes no machines ({(target.Departing ? "it departs from the fabric" : "its `schedulable` is false")}); name another")
            : target;
    }
}
