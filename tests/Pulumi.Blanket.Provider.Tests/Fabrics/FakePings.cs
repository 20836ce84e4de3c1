using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Pulumi.Blanket.Contract;

namespace Pulumi.Blanket.Provider.Tests.Fabrics;

internal sealed class FakePings(FakeFabric.Holder holder) : FabricAgent.FabricAgentBase
{
    public override async Task<Empty> Ping(Empty request, ServerCallContext context)
    {
        await holder.Fabric.EnterAsync(context);
        return new Empty();
    }
}
