namespace Pulumi.Blanket.Agent.Commands;

/// <summary>One installation or removal at a time on a host, whoever asks for it.</summary>
internal static class InstallationLock
{
    private const string LockFile = "/run/blanket-agent.lock";

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    /// <returns>Gives the lock back when disposed.</returns>
    /// <exception cref="AgentException">Another one took too long.</exception>
    public static async Task<IDisposable> TakeAsync()
    {
        var deadline = DateTime.UtcNow + Patience;
        while (true)
        {
            try
            {
                return new FileStream(LockFile, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException) when (DateTime.UtcNow < deadline)
            {
                await Task.Delay(Pause);
            }
            catch (IOException fault)
            {
                throw new AgentException(AgentFault.Unavailable, $"another installation on this host did not end within {Patience.TotalMinutes:0} min; try again", fault);
            }
        }
    }
}
