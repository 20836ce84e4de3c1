using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Pulumi.Blanket.Contract;

namespace Pulumi.Blanket.Provider.Tests;

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
        var fabric = holder.Fabric;
        (await fabric.EnterAsync(context)).Volumes.TryRemove(request.Uuid, out _);
        lock (fabric.Facts)
        {
            fabric.Facts.Volumes.Remove(fabric.Facts.Volumes.FirstOrDefault(claim => claim.Uuid == request.Uuid) ?? new VolumeClaim());
        }

        return new Empty();
    }
}
