using Microsoft.Extensions.Logging;

namespace Pulumi.Blanket.Agent.Members;

internal sealed partial class FabricSync
{
    [LoggerMessage(Level = LogLevel.Information, Message = "took version {Version} of the fabric's facts from {Peer}")]
    private static partial void LogCaughtUp(ILogger logger, ulong version, string peer);

    [LoggerMessage(Level = LogLevel.Debug, Message = "{Peer} did not answer: {Reason}")]
    private static partial void LogPeerSilent(ILogger logger, string peer, string reason);
}
