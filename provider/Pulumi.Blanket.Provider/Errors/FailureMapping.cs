using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Pulumi.Blanket.Protocol;
using Pulumi.Blanket.Protocol.Contract;
using Pulumi.Blanket.Protocol.Values;
using Pulumi.Blanket.Provider.Operations;
using RpcStatus = Google.Rpc.Status;

namespace Pulumi.Blanket.Provider.Errors;

/// <summary>
/// Turns what an operation threw into what the engine gets, here and nowhere else. The engine takes <c>Internal</c>, <c>Unknown</c> and <c>DataLoss</c> for a
/// resource in an unknown state, so only our own mistakes have one of these.
/// </summary>
internal static class FailureMapping
{
    public static StatusCode CodeOf(FailureReason reason) => reason switch
    {
        FailureReason.BadInput => StatusCode.InvalidArgument,
        FailureReason.Precondition => StatusCode.FailedPrecondition,
        FailureReason.Unavailable => StatusCode.Unavailable,
        FailureReason.Deadline => StatusCode.DeadlineExceeded,
        FailureReason.Cancelled => StatusCode.Cancelled,
        FailureReason.NotFound => StatusCode.NotFound,
        FailureReason.Conflict => StatusCode.Aborted,
        _ => StatusCode.Internal,
    };

    /// <summary>The failure in our own terms.</summary>
    public static ProviderException Understand(Exception fault, Operation operation) => fault switch
    {
        ProviderException understood => understood,
        ProtocolException malformed => new ProviderException(FailureReason.BadInput, malformed.Message, malformed),
        OperationCanceledException when operation.IsOverdue => new ProviderException(FailureReason.Deadline, operation.OverdueMessage, fault),
        OperationCanceledException when operation.Token.IsCancellationRequested => new ProviderException(FailureReason.Cancelled, $"{operation.Title} was cancelled", fault),
        // The message stays here: nobody knows what is in it.
        _ => new ProviderException(
            FailureReason.Bug,
            $"{operation.Title} failed by {fault.GetType().Name}; this is a bug in pulumi-resource-blanket {PluginVersion.Current}; please report it, with what `--logtostderr -v=3` shows",
            fault),
    };

    /// <summary>The failure as the engine gets it.</summary>
    public static RpcException ToStatus(ProviderException failure, Operation operation)
    {
        RpcStatus status = new() { Code = (int)CodeOf(failure.Reason), Message = $"{failure.Message} (operation {operation.Id})" };
        if (failure is UnfinishedException unfinished)
        {
            ErrorResourceInitFailed detail = new()
            {
                Id = unfinished.Id,
                Properties = PropertyCodec.EncodeObject(unfinished.State),
                RefreshBeforeUpdate = unfinished.RefreshBeforeUpdate,
                Reasons = { unfinished.Reasons.Select(reason => $"{reason} (operation {operation.Id})") },
            };
            if (unfinished.Inputs is { } inputs)
            {
                detail.Inputs = PropertyCodec.EncodeObject(inputs);
            }

            status.Details.Add(Any.Pack(detail));
        }

        return status.ToRpcException();
    }
}
