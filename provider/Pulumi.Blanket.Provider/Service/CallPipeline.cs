using Grpc.Core;
using Pulumi.Blanket.Provider.Engine;
using Pulumi.Blanket.Provider.Errors;
using Pulumi.Blanket.Provider.Operations;

namespace Pulumi.Blanket.Provider.Service;

/// <summary>What surrounds every call: cancellation, the log, and failures turned into statuses.</summary>
internal sealed class CallPipeline(RunningOperations operations, EngineLog engine, PluginLog log)
{
    private static readonly TimeSpan FlushLimit = TimeSpan.FromSeconds(2);

    public async Task<TResponse> RunAsync<TResponse>(string method, Func<Operation, Task<TResponse>> call, CancellationToken clientGone)
    {
        using var operation = operations.Begin(method, clientGone);
        try
        {
            log.Begun(operation);
            var response = await call(operation);
            log.Done(operation);
            return response;
        }
        catch (Exception fault) when (fault is not RpcException { StatusCode: StatusCode.Unimplemented })
        {
            var failure = FailureMapping.Understand(fault, operation);
            log.Failed(operation, failure);
            throw FailureMapping.ToStatus(failure, operation);
        }
        finally
        {
            await engine.FlushAsync(FlushLimit);
        }
    }
}
