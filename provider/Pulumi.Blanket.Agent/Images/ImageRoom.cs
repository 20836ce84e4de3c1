using Pulumi.Blanket.Agent.Fabrics;
using Pulumi.Blanket.Agent.Storage;

namespace Pulumi.Blanket.Agent.Images;

/// <summary>Room for images on this host: they never take what is promised to VMs, nor the reserve, so that none of them has a guest of others paused by a full disk.</summary>
internal sealed class ImageRoom(FabricStore fabrics)
{
    private readonly Lock _lock = new();
    private long _held;

    /// <exception cref="AgentException">There is less.</exception>
    public void Require(long bytes, string name)
    {
        if (Free() is var free && bytes > free)
        {
            throw NoRoom(bytes, free, name);
        }
    }

    /// <summary>Holds room for a file whose size is known at its end only; until it is released others don't get it.</summary>
    /// <param name="bytes">At most.</param>
    /// <returns>What there is of that.</returns>
    /// <exception cref="AgentException">There is none at all.</exception>
    public Hold Take(long bytes, string name)
    {
        lock (_lock)
        {
            var free = Free();
            if (free == 0)
            {
                throw NoRoom(bytes, free, name);
            }

            var taken = Math.Min(bytes, free);
            _held += taken;
            return new Hold(this, taken);
        }
    }

    private long Free()
    {
        lock (_lock)
        {
            return Math.Max(0, PoolRoom.Of(fabrics.Current).ImageBytes - _held);
        }
    }

    private static AgentException NoRoom(long bytes, long free, string name)
        => new(AgentFault.NoRoom,
            $"the image {name} has no room on this host: {Mib(bytes)} MiB more are wanted, and {free >> 20} are free beside what is promised to virtual machines and the host's reserve; delete images, volumes or virtual machines there, or give the host a larger disk");

    private static long Mib(long bytes) => (bytes + (1 << 20) - 1) >> 20;

    /// <param name="room">Where it is given back.</param>
    /// <param name="bytes">Held.</param>
    internal sealed class Hold(ImageRoom room, long bytes) : IDisposable
    {
        public long Bytes { get; } = bytes;

        public void Dispose()
        {
            lock (room._lock)
            {
                room._held -= Bytes;
            }
        }
    }
}
