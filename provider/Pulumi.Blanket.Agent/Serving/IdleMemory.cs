using Microsoft.Extensions.Hosting;
using Pulumi.Blanket.Agent.Machine;

namespace Pulumi.Blanket.Agent.Serving;

/// <summary>
/// Gives memory back to the host's guests once work is done. The collector comes by when much is allocated, and an agent that has done
/// its work allocates next to nothing: what the work left behind would stay for days.
/// </summary>
internal sealed class IdleMemory : BackgroundService
{
    /// <summary>Less than this is not worth the few milliseconds that everything stands still.</summary>
    private const long WorthwhileBytes = 1 << 20;

    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(10);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        long before = 0;
        using PeriodicTimer timer = new(Pause);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            var allocated = GC.GetTotalAllocatedBytes();
            if (allocated - before > WorthwhileBytes)
            {
                before = allocated;
                GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
                ReleaseProgram();
            }
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
