using System.Threading.Channels;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Pulumi.Blanket.Agent.Serving;
using Pulumi.Blanket.Contract;

namespace Pulumi.Blanket.Agent.Hosts;

/// <summary>The service <c>HostAgent</c>: translates, and has <see cref="Adoption"/> do the work.</summary>
[OpenTo(CallerKinds.Root)]
internal sealed class HostService(HostInspector inspector, Adoption adoption, AgentLifetime lifetime) : HostAgent.HostAgentBase
{
    public override Task<HostFacts> GetFacts(Empty request, ServerCallContext context) => inspector.InspectAsync(context.CancellationToken);

    public override async Task Adopt(AdoptRequest request, IServerStreamWriter<AdoptEvent> responseStream, ServerCallContext context)
    {
        var lines = Channel.CreateUnbounded<string>();

        // The agent's own lifetime, not the call's: what was begun goes on when the caller is gone.
        var work = Task.Run(async () =>
        {
            try
            {
                return await adoption.AdoptAsync(request.Urn, request.Settings ?? new HostSettings(), line => lines.Writer.TryWrite(line), lifetime.Stopping);
            }
            finally
            {
                lines.Writer.Complete();
            }
        }, CancellationToken.None);
        lifetime.Track(work);
        await foreach (var line in lines.Reader.ReadAllAsync(context.CancellationToken))
        {
            await responseStream.WriteAsync(new AdoptEvent { Progress = line }, context.CancellationToken);
        }

        await responseStream.WriteAsync(new AdoptEvent { Adopted = await work }, context.CancellationToken);
    }

    public override async Task<ReleaseReply> Release(ReleaseRequest request, ServerCallContext context)
    {
        var remaining = await adoption.ReleaseAsync(request.Urn, lifetime.Stopping);
        return new ReleaseReply { RemainingOwners = { remaining } };
    }
}
