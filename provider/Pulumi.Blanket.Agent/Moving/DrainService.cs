using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Pulumi.Blanket.Agent.Machines;
using Pulumi.Blanket.Agent.Serving;
using Pulumi.Blanket.Contract;

namespace Pulumi.Blanket.Agent.Moving;

/// <summary>The service <c>DrainAgent</c>: translates, and has <see cref="HostDrain"/> do the work.</summary>
[OpenTo(CallerKinds.Root)]
internal sealed class DrainService(HostDrain drain, MachineTelling telling) : DrainAgent.DrainAgentBase
{
    public override Task Drain(DrainRequest request, IServerStreamWriter<MachineEvent> responseStream, ServerCallContext context)
        => telling.TellAsync(responseStream, async teller =>
        {
            await drain.RunAsync(request.Urn, teller);
            return null;
        }, context.CancellationToken);

    public override Task<Empty> Cancel(Empty request, ServerCallContext context)
    {
        drain.Cancel();
        return Task.FromResult(new Empty());
    }
}
