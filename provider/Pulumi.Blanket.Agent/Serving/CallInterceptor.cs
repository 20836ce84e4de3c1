using System.Diagnostics;
using Google.Protobuf;
using Grpc.AspNetCore.Server;
using Grpc.Core;
using Grpc.Core.Interceptors;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Pulumi.Blanket.Agent.Journal;
using Pulumi.Blanket.Libvirt.Errors;

namespace Pulumi.Blanket.Agent.Serving;

/// <summary>Wraps every call that <see cref="AccessGate"/> let through: the operation's id in each line of the log, and what a failure is called on the wire.</summary>
internal sealed partial class CallInterceptor(ILogger<CallInterceptor> log) : Interceptor
{
    /// <summary>The header with the id of the plugin's operation.</summary>
    private const string OperationHeader = "blanket-operation";

    public override Task<TResponse> UnaryServerHandler<TRequest, TResponse>(TRequest request, ServerCallContext context, UnaryServerMethod<TRequest, TResponse> continuation)
        => WrapAsync(context, () => continuation(request, context));

    public override Task<TResponse> ClientStreamingServerHandler<TRequest, TResponse>(
        IAsyncStreamReader<TRequest> requestStream, ServerCallContext context, ClientStreamingServerMethod<TRequest, TResponse> continuation)
        => WrapAsync(context, () => continuation(requestStream, context));

    public override Task ServerStreamingServerHandler<TRequest, TResponse>(
        TRequest request, IServerStreamWriter<TResponse> responseStream, ServerCallContext context, ServerStreamingServerMethod<TRequest, TResponse> continuation)
        => WrapAsync(context, async () =>
        {
            await continuation(request, responseStream, context);
            return true;
        });

    public override Task DuplexStreamingServerHandler<TRequest, TResponse>(
        IAsyncStreamReader<TRequest> requestStream, IServerStreamWriter<TResponse> responseStream, ServerCallContext context, DuplexStreamingServerMethod<TRequest, TResponse> continuation)
        => WrapAsync(context, async () =>
        {
            await continuation(requestStream, responseStream, context);
            return true;
        });

    private async Task<T> WrapAsync<T>(ServerCallContext context, Func<Task<T>> call)
    {
        Operation.Id = context.RequestHeaders.GetValue(OperationHeader) is { Length: > 0 and <= 64 } id ? id : "";
        var watch = Stopwatch.StartNew();
        var declared = context.GetHttpContext().GetEndpoint()?.Metadata;

        // As the contract has it: what the caller wrote may be written in other letters.
        var method = declared?.GetMetadata<GrpcMethodMetadata>()?.Method.FullName ?? "";
        var caller = Caller.Of(context);
        try
        {
            var result = await call();
            if (declared?.GetMetadata<UnloggedAttribute>() is null)
            {
                LogDone(log, method, caller, watch.ElapsedMilliseconds);
            }

            return result;
        }
        catch (Exception fault) when (fault is OperationCanceledException or InvalidOperationException or IOException && context.CancellationToken.IsCancellationRequested)
        {
            // Who was just writing to it sees a call that is over, or a connection that is.
            throw new RpcException(new Status(StatusCode.Cancelled, "the caller went away"));
        }
        catch (Exception fault) when (fault is not RpcException)
        {
            var status = ToStatus(fault);
            if (status.StatusCode == StatusCode.Internal)
            {
                LogBug(log, method, caller, fault);
            }
            else
            {
                LogFailed(log, method, caller, status.Detail);
            }

            throw new RpcException(status);
        }
    }

    private static Status ToStatus(Exception fault) => fault switch
    {
        AgentException known => new Status(known.Fault switch
        {
            AgentFault.BadRequest => StatusCode.InvalidArgument,
            AgentFault.NotPossible => StatusCode.FailedPrecondition,
            AgentFault.NoRoom => StatusCode.ResourceExhausted,
            AgentFault.Changed => StatusCode.Aborted,
            AgentFault.Unavailable => StatusCode.Unavailable,
            _ => StatusCode.PermissionDenied,
        }, known.Message),
        LibvirtException { Fault: LibvirtFault.Rejected } refused => new Status(StatusCode.FailedPrecondition, refused.Message),
        LibvirtException lost => new Status(StatusCode.Unavailable, lost.Message),
        IOException { HResult: DurableFile.DiskFull } => new Status(StatusCode.FailedPrecondition, $"the disk is full on {Environment.MachineName}; make room under /var/lib there, and run it again"),
        // The second is what the server makes of a message's own header.
        InvalidProtocolBufferException or InvalidDataException => new Status(StatusCode.InvalidArgument, "what came in the middle of the call is no message"),
        OperationCanceledException => new Status(StatusCode.Unavailable, "the agent is being restarted; try again"),
        _ => new Status(StatusCode.Internal, $"{fault.GetType().Name}: {fault.Message} (a bug of blanket-agent; please report it with the host's `journalctl -u blanket-agent`)"),
    };
}
