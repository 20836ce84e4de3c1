using Microsoft.Extensions.Logging;
using Pulumi.Blanket.Agent.Machine;
using Pulumi.Blanket.Agent.Timing;

namespace Pulumi.Blanket.Agent.Serving;

/// <summary>
/// Gives memory back to the host's guests once work is done. The collector comes by when much is allocated, and an agent that has done
/// its work allocates next to nothing: what the work left behind would stay for days. Never while a VM is moved: its guest would wait for the collector.
/// </summary>
internal sealed class IdleMemory(AgentClock clock, IDelicateWork work, ILogger<IdleMemory> log) : BackgroundLoop(clock, log)
{
    /// <summary>Less than this is not worth the few milliseconds that everything stands still.</summary>
    private const long WorthwhileBytes = 1 << 20;

    private long _before;

    protected override string Subject => "giving memory back";

    protected override Task RunAsync(CancellationToken stoppingToken) => RepeatAsync(
        Subject,
        _ =>
        {
            GiveBack();
            return Task.FromResult<TimeSpan?>(Timeouts.MemoryRound);
        },
        stoppingToken);

    private void GiveBack()
    {
        var allocated = GC.GetTotalAllocatedBytes();
        if (allocated - _before > WorthwhileBytes && !work.IsGoingOn)
        {
            _before = allocated;
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            ReleaseProgram();
        }
    }

    /// <summary>
    /// Forgets the pages of the program itself, most of which were read once. They stay in the kernel's cache, and those that are needed are
    /// there again at their next use. Only what was never written: the loader has changed some that can't be written any more.
    /// </summary>
    private static void ReleaseProgram()
    {
        foreach (var mapping in MemoryMapping.ReadOwn())
        {
            if (mapping.Path == Environment.ProcessPath && !mapping.IsWritable && mapping.AnonymousBytes == 0)
            {
                _ = NativeMethods.Advise(mapping.Start, mapping.Length, NativeMethods.DontNeed);
            }
        }
    }
}
