using Grpc.Core;
using Pulumi.Blanket.Protocol.Contract;

namespace Pulumi.Blanket.Engine.Monitoring;

/// <summary>Takes the steps of views that providers publish while they work on a resource.</summary>
internal sealed class StatusService(Func<string, ViewBoard?> find) : ResourceStatus.ResourceStatusBase
{
    public override Task<PublishViewStepsResponse> PublishViewSteps(PublishViewStepsRequest request, ServerCallContext context)
    {
        var board = find(request.Token) ?? throw new RpcException(new Status(StatusCode.NotFound, "the operation of this token has ended"));
        foreach (var step in request.Steps)
        {
            board.Publish(step);
        }

        return Task.FromResult(new PublishViewStepsResponse());
    }
}
