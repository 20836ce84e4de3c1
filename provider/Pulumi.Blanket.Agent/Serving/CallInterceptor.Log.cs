using Microsoft.Extensions.Logging;

namespace Pulumi.Blanket.Agent.Serving;

internal sealed partial class CallInterceptor
{
    [LoggerMessage(Level = LogLevel.Information, Message = "{Method} done in {Milliseconds} ms")]
    private static partial void LogDone(ILogger logger, string method, long milliseconds);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Method} failed: {Reason}")]
    private static partial void LogFailed(ILogger logger, string method, string reason);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Method} failed by a bug of the agent")]
    private static partial void LogBug(ILogger logger, string method, Exception fault);
}
