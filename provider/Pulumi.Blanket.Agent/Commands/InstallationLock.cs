using Pulumi.Blanket.Agent.Timing;

namespace Pulumi.Blanket.Agent.Commands;

/// <summary>One installation or removal at a time on a host, whoever asks for it.</summary>
internal static class InstallationLock
{
    private const string LockFile = "/run/blanket-agent.lock";

    /// <returns>Gives the lock back when disposed.</returns>
    /// <exception cref="AgentException">Another one took too long.</exception>
    public static async Task<IDisposable> TakeAsync()
    {
        AgentClock clock = new(TimeProvider.System, AgentTimeoutsFile.Read(AgentPaths.Timeouts));
        var deadline = clock.In(clock.Timeouts.InstallationLock);
        while (true)
        {
            try
            {
                return new FileStream(LockFile, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException) when (!deadline.IsOver)
            {
                await clock.DelayAsync(clock.Timeouts.InstallationPoll, CancellationToken.None);
            }
            catch (IOException fault)
            {
                throw new AgentException(AgentFault.Unavailable, $"another installation on this host did not end within {clock.Timeouts.InstallationLock.TotalMinutes:0} min; try again", fault);
            }
        }
    }
}
