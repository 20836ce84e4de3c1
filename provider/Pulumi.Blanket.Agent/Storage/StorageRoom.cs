namespace Pulumi.Blanket.Agent.Storage;

/// <summary>
/// How the file system under the pool is divided: what VMs' disks take and were promised, what images may take, and a reserve for the host itself. A disk is promised in full from the moment
/// that its room is claimed, however little of it is filled: so a guest that fills its disk never finds that of the host full. Pure.
/// </summary>
/// <param name="TotalBytes">Of the file system.</param>
/// <param name="FreeBytes">Of it, for programs that are not the system's own.</param>
/// <param name="TakenBytes">By disks and volumes that hold a claim.</param>
/// <param name="UnfilledBytes">Of their claims, what they don't take yet.</param>
internal sealed record StorageRoom(long TotalBytes, long FreeBytes, long TakenBytes, long UnfilledBytes)
{
    /// <summary>For logs, packages, and the memory of VMs that are saved: a twentieth of the file system, at most this.</summary>
    private const long MostReserveBytes = 4L << 30;
    private const int ReserveDivisor = 20;

    /// <summary>What was announced is raised only once there is so much more than the next whole GiB: else it would change with each log.</summary>
    private const long SlackBytes = 256L << 20;

    public long ReserveBytes => Math.Min(TotalBytes / ReserveDivisor, MostReserveBytes);

    /// <summary>What images, and conversions of them, may take now.</summary>
    public long ImageBytes => Math.Max(0, FreeBytes - UnfilledBytes - ReserveBytes);

    /// <summary>What can be promised in all: what is free, and what was promised and is filled. Images and whatever else is on the file system are none of it.</summary>
    public long VmBytes => Math.Max(0, FreeBytes + TakenBytes - ReserveBytes);

    /// <param name="disks">Of each claim, what it may take and what it takes.</param>
    public static StorageRoom Of(long totalBytes, long freeBytes, IEnumerable<(long Promised, long Taken)> disks)
    {
        var (taken, unfilled) = (0L, 0L);
        foreach (var disk in disks)
        {
            taken += disk.Taken;
            unfilled += Math.Max(0, disk.Promised - disk.Taken);
        }

        return new StorageRoom(totalBytes, freeBytes, taken, unfilled);
    }

    /// <summary>In whole GiB, as a member announces it. Less is told at once.</summary>
    /// <param name="announcedGib">Null: nothing yet.</param>
    public long CapacityGib(long? announcedGib)
    {
        var gib = VmBytes >> 30;
        return announcedGib is { } announced && gib > announced ? Math.Max(announced, (VmBytes - SlackBytes) >> 30) : gib;
    }
}
