using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Pulumi.Blanket.Agent.Machines;
using Pulumi.Blanket.Agent.Serving;
using Pulumi.Blanket.Contract;

namespace Pulumi.Blanket.Agent.Moving;

/// <summary>The service <c>MoveAgent</c>: translates, and has <see cref="OutgoingMoves"/> do the work.</summary>
[OpenTo(CallerKinds.Root | CallerKinds.Account | CallerKinds.Member)]
internal sealed class MoveService(OutgoingMoves moves, MachineTelling telling) : MoveAgent.MoveAgentBase
{
    public override Task<MoveEstimate> Estimate(EstimateMoveRequest request, ServerCallContext context) => moves.EstimateAsync(request, context.CancellationToken);

    public override Task Move(MoveRequest request, IServerStreamWriter<MachineEvent> responseStream, ServerCallContext context)
    {
        MoveRequestCheck.Check(request);
        return telling.TellAsync(responseStream, async teller => await moves.MoveAsync(request, teller), context.CancellationToken);
    }

    public override Task<Empty> Cancel(MachineRequest request, ServerCallContext context)
    {
        moves.Cancel(request.Uuid);
        return Task.FromResult(new Empty());
    }
}
