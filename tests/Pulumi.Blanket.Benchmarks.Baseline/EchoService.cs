using Grpc.Core;
using Pulumi.Blanket.Protocol.Contract;

namespace Pulumi.Blanket.Benchmarks.Baseline;

/// <summary>Check and Diff, answered at once.</summary>
internal sealed class EchoService : ResourceProvider.ResourceProviderBase
{
    public override Task<DiffResponse> Diff(DiffRequest request, ServerCallContext context) => Task.FromResult(new DiffResponse());

    public override Task<CheckResponse> Check(CheckRequest request, ServerCallContext context) => Task.FromResult(new CheckResponse { Inputs = request.News });
}
