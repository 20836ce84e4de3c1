using System.Text.Json.Serialization.Metadata;
using Pulumi.Blanket.Contract;
using Pulumi.Blanket.Provider.Agents;
using Pulumi.Blanket.Provider.Errors;
using Pulumi.Blanket.Provider.Resources.OnFabric;
using Pulumi.Blanket.Provider.Resources.VirtualMachine;

namespace Pulumi.Blanket.Provider.Functions.EstimateMigration;

/// <summary>What a move would cost, without moving anything. See estimateMigration.md.</summary>
internal sealed class EstimateMigrationFunction(FabricAccess fabrics) : Function<EstimateMigrationArguments, EstimateMigrationResult>("blanket:index:estimateMigration")
{
    protected override JsonTypeInfo<EstimateMigrationArguments> ArgumentType => EstimateMigrationJson.Default.EstimateMigrationArguments;

    protected override JsonTypeInfo<EstimateMigrationResult> ResultType => EstimateMigrationJson.Default.EstimateMigrationResult;

    protected override async Task<EstimateMigrationResult> InvokeAsync(FunctionContext context, EstimateMigrationArguments arguments, CancellationToken cancellationToken)
    {
        var session = fabrics.Open(arguments.Fabric ?? ConfiguredFabric.Get(context.Configuration), context.Configuration, context.OperationId);
        var agent = await session.FindMachineAgentAsync(arguments.VirtualMachine, cancellationToken);
        var directory = await session.GetDirectoryAsync(cancellationToken);
        var target = VirtualMachineMove.FindTarget(directory, arguments.Host);
        var machine = await agent.FindMachineAsync(arguments.VirtualMachine, cancellationToken)
            ?? throw new ProviderException(FailureReason.NotFound, $"the fabric {session.FabricId} has no VM {arguments.VirtualMachine}");
        var estimate = await agent.EstimateMoveAsync(arguments.VirtualMachine, target.MachineId, VirtualMachineTranslation.ToOptions(arguments.Migration), cancellationToken);
        var forecast = MoveForecast.Of(estimate, arguments.Migration);
        return new EstimateMigrationResult
        {
            Location = directory.NameOf(machine.Location),
            Mode = estimate.Mode switch { MoveMode.Live => "live", MoveMode.Suspend => "suspend", _ => "cold" },
            MemoryMiB = MiB(estimate.MemoryBytes),
            DiskMiB = MiB(estimate.DiskBytes),
            RateMiBps = forecast is null ? null : MiB(forecast.BytesPerSecond),
            Seconds = forecast?.Seconds,
            DowntimeMs = forecast?.DowntimeMs,
            Lacking = [.. estimate.Lacking],
            CanFit = !estimate.NeverFits,
        };
    }

    private static double MiB(long bytes) => bytes / (double)(1 << 20);
}
