using Grpc.Core;

namespace Pulumi.Blanket.Agent.Timing;

/// <summary>The time as the agent's parts get it: monotonic for every deadline, with the agent's intervals and timeouts beside it.</summary>
internal sealed class AgentClock(TimeProvider time, AgentTimeouts timeouts)
{
    public AgentTimeouts Timeouts { get; } = timeouts;

    public TimeProvider Time { get; } = time;

    /// <summary>The wall clock's: for people and for other programs, never for a deadline.</summary>
    public DateTimeOffset Now => Time.GetUtcNow();

    public Deadline In(TimeSpan timeout) => new(Time, timeout);

    public Task DelayAsync(TimeSpan delay, CancellationToken cancellationToken) => Task.Delay(delay, Time, cancellationToken);

    /// <summary>
    /// A call that ends after <paramref name="timeout"/>. gRPC's own deadline is a point of the wall clock, so a step of that clock would end a call, or let one wait for
    /// ever. The callee is told by the cancellation of the stream, and where the link is cut by its connection's keepalive; it gets no <c>grpc-timeout</c>.
    /// </summary>
    /// <exception cref="RpcException">As the call says, and DeadlineExceeded where the timeout is over.</exception>
    public async Task<T> CallAsync<T>(Func<CancellationToken, AsyncUnaryCall<T>> call, TimeSpan timeout, CancellationToken cancellationToken)
    {
        using CancellationTokenSource limit = new(timeout, Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            return await call(either.Token);
        }
        catch (Exception fault) when (fault is OperationCanceledException or RpcException { StatusCode: StatusCode.Cancelled }
            && limit.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new RpcException(new Status(StatusCode.DeadlineExceeded, $"no answer within {timeout.TotalSeconds:0.#} s", fault));
        }
    }
}
