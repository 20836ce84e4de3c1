using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Microsoft.Extensions.Hosting;
using Pulumi.Blanket.Agent.Fabrics;
using Pulumi.Blanket.Agent.Serving;
using Pulumi.Blanket.Contract;

namespace Pulumi.Blanket.Agent.Machines;

/// <summary>The service <c>MachineAgent</c>: translates, and has <see cref="MachineWorks"/> do the work, which goes on when the caller is gone.</summary>
[OpenTo(CallerKinds.Root | CallerKinds.Account | CallerKinds.Member)]
internal sealed partial class MachineService(MachineCatalog catalog, MachineWorks works, MachineDialer dialer, MachineConsoles consoles, MachineTelling telling, FabricStore fabrics, AgentLifetime lifetime, IHostApplicationLifetime host)
    : MachineAgent.MachineAgentBase
{
    private const int MostConsoleBytes = 1 << 20;

    public override Task Create(CreateMachineRequest request, IServerStreamWriter<MachineEvent> responseStream, ServerCallContext context)
        => telling.TellAsync(responseStream, async teller => await works.CreateAsync(request.Claim, request.Spec, teller, lifetime.Stopping), context.CancellationToken);

    public override Task Update(UpdateMachineRequest request, IServerStreamWriter<MachineEvent> responseStream, ServerCallContext context)
        => telling.TellAsync(responseStream, async teller => await works.UpdateAsync(request.Claim, request.Spec, teller, lifetime.Stopping), context.CancellationToken);

    public override Task Delete(MachineRequest request, IServerStreamWriter<MachineEvent> responseStream, ServerCallContext context)
        => telling.TellAsync(responseStream, async teller =>
        {
            await works.DeleteAsync(request.Uuid, teller, lifetime.Stopping);
            return null;
        }, context.CancellationToken);

    public override async Task<MachineView> Get(MachineRequest request, ServerCallContext context)
        => await works.ViewAsync(request.Uuid, context.CancellationToken) ?? throw Missing(request.Uuid);

    public override async Task<MachineList> List(Empty request, ServerCallContext context)
        => new() { Machines = { await works.ListAsync(context.CancellationToken) } };

    public override Task<MachineView> Retire(MachineRequest request, ServerCallContext context) => works.RetireAsync(request.Uuid, context.CancellationToken);

    public override async Task<ReadConsoleReply> ReadConsole(ReadConsoleRequest request, ServerCallContext context)
    {
        await FindAsync(request.Uuid, context.CancellationToken);
        var log = await ConsoleLogAsync(request.Uuid, Math.Max(request.MaxBytes, 1), wholeLines: false, context.CancellationToken);
        return new ReadConsoleReply { Text = ByteString.CopyFrom(log.Span) };
    }

    private static RpcException Missing(string uuid) => new(new Status(StatusCode.NotFound, $"this member does not have the machine {uuid}"));
}
