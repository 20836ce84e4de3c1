using Microsoft.Extensions.Logging;

namespace Pulumi.Blanket.Agent.Serving;

internal abstract partial class BackgroundLoop
{
    [LoggerMessage(Level = LogLevel.Warning, Message = "{What} failed; trying again: {Reason}{Repeated}")]
    private static partial void LogFailed(ILogger logger, string what, string reason, string repeated);

    [LoggerMessage(Level = LogLevel.Error, Message = "{What} failed by a bug of the agent; trying again{Repeated}")]
    private static partial void LogBug(ILogger logger, string what, string repeated, Exception fault);

    [LoggerMessage(Level = LogLevel.Information, Message = "{What} works again")]
    private static partial void LogRecovered(ILogger logger, string what);
}
