using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Pulumi.Blanket.Contract;

namespace Pulumi.Blanket.Provider.Tests.Fabrics;

internal sealed class FakeVolumes(FakeFabric.Holder holder) : VolumeAgent.VolumeAgentBase
{
    public override async Task<VolumeView> Create(VolumeSpec request, ServerCallContext context)
    {
        var member = await holder.Fabric.EnterAsync(context);
        return member.Volumes.GetOrAdd(request.Uuid, _ => new VolumeView { Spec = request, Location = member.MachineId });
    }

    public override async Task<VolumeView> Get(VolumeRequest request, ServerCallContext context)
    {
        var member = await holder.Fabric.EnterAsync(context);
        return member.Volumes.GetValueOrDefault(request.Uuid) ?? throw new RpcException(new Status(StatusCode.NotFound, $"there is no volume {request.Uuid} here"));
    }

    public override async Task<VolumeView> Update(VolumeSpec request, ServerCallContext context)
    {
        var view = await Get(new VolumeRequest { Uuid = request.Uuid }, context);
        view.Spec = request;
        return view;
    }

    public override async Task<Empty> Delete(VolumeRequest request, ServerCallContext context)
    {
        // What it held is given back some time later, as real agents do it.
        (await holder.Fabric.EnterAsync(context)).Volumes.TryRemove(request.Uuid, out _);
        return new Empty();
    }
}
