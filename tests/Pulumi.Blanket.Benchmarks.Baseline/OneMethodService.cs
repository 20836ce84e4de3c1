using Grpc.Core;
using Pulumi.Blanket.Protocol.Contract;

namespace Pulumi.Blanket.Benchmarks.Baseline;

/// <summary>The smallest service of the contract: one method.</summary>
internal sealed class OneMethodService : Callbacks.CallbacksBase
{
    public override Task<CallbackInvokeResponse> Invoke(CallbackInvokeRequest request, ServerCallContext context) => Task.FromResult(new CallbackInvokeResponse());
}
