using Microsoft.Extensions.Logging;

namespace Pulumi.Blanket.Agent.Serving;

/// <summary>Raises events whose handlers must not break who raises them, nor each other: the change that they are told of is made.</summary>
internal static partial class EventHandlers
{
    public static void RaiseEach(this Action? handlers, ILogger log)
    {
        foreach (var handler in Delegate.EnumerateInvocationList(handlers))
        {
            try
            {
                handler();
            }
            catch (Exception fault)
            {
                LogFailed(log, fault);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "a part of the agent failed when it was told of a change, which is made all the same; this is a bug of the agent")]
    private static partial void LogFailed(ILogger logger, Exception fault);
}
