using Pulumi.Blanket.Contract;
using Pulumi.Blanket.Provider.Operations;

namespace Pulumi.Blanket.Provider.Agents;

/// <content>Moves away from one member.</content>
internal sealed partial class AgentClient
{
    private readonly MoveAgent.MoveAgentClient _moves = new(channel);
    private readonly DrainAgent.DrainAgentClient _drains = new(channel);

    public Task<MoveEstimate> EstimateMoveAsync(string uuid, string target, MoveOptions moveOptions, CancellationToken cancellationToken)
        => AskAsync(options => _moves.EstimateAsync(new EstimateMoveRequest { Uuid = uuid, Target = target, Options = moveOptions }, options), cancellationToken, LookLimit);

    /// <returns>The machine at the target.</returns>
    public async Task<MachineView> MoveMachineAsync(MoveRequest request, OperationLog log, CancellationToken cancellationToken)
        => Made(await FollowAsync(options => _moves.Move(request, options), told => See(told, log), "the move of the virtual machine", cancellationToken));

    public Task CancelMoveAsync(string uuid, CancellationToken cancellationToken)
        => AskAsync(options => _moves.CancelAsync(new MachineRequest { Uuid = uuid }, options), cancellationToken, LookLimit);

    /// <summary>Moves all machines away from a host that departs from its fabric, and takes it out of the fabric.</summary>
    /// <param name="urn">Of the resource that gives the host back.</param>
    public Task<MachineDone> DrainAsync(string urn, OperationLog log, CancellationToken cancellationToken)
        => FollowAsync(options => _drains.Drain(new DrainRequest { Urn = urn }, options), told => See(told, log), "emptying the host", cancellationToken);

    public Task CancelDrainAsync(CancellationToken cancellationToken) => AskAsync(options => _drains.CancelAsync(new(), options), cancellationToken, LookLimit);
}
