using Grpc.Core;

namespace Pulumi.Blanket.Provider.Agents;

/// <summary>
/// Calls with a timeout by monotonic time: gRPC's own deadline is a point of the wall clock, which may be set while a call runs. The callee is told by the cancellation of the
/// call; it gets no <c>grpc-timeout</c>.
/// </summary>
internal static class TimedCall
{
    /// <exception cref="RpcException">As the call says, and DeadlineExceeded where the timeout is over.</exception>
    public static async Task<T> RunAsync<T>(Func<CancellationToken, AsyncUnaryCall<T>> call, TimeSpan timeout, CancellationToken cancellationToken = default)
    {
        using CancellationTokenSource limit = new(timeout, TimeProvider.System);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            using var running = call(either.Token);
            return await running;
        }
        catch (Exception fault) when (fault is OperationCanceledException or RpcException { StatusCode: StatusCode.Cancelled }
            && limit.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new RpcException(new Status(StatusCode.DeadlineExceeded, $"no answer within {timeout.TotalSeconds:0.#} s", fault));
        }
    }
}
