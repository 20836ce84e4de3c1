using Microsoft.Extensions.Logging;

namespace Pulumi.Blanket.Agent.Serving;

internal sealed partial class CallInterceptor
{
    [LoggerMessage(Level = LogLevel.Information, Message = "{Method} for {Caller} done in {Milliseconds} ms")]
    private static partial void LogDone(ILogger logger, string method, Caller caller, long milliseconds);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Method} for {Caller} failed: {Reason}")]
    private static partial void LogFailed(ILogger logger, string method, Caller caller, string reason);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Method} for {Caller} failed by a bug of the agent")]
    private static partial void LogBug(ILogger logger, string method, Caller caller, Exception fault);
}
