namespace Pulumi.Blanket.Libvirt.Connection;

/// <summary>
/// The connections of a client. Each has at most four calls in flight, so calls that wait for a guest or for much data must not stand
/// before those that answer at once.
/// </summary>
internal enum CallLane
{
    /// <summary>Questions, events, small changes, and what ends or steers a running job.</summary>
    Short,

    /// <summary>What waits for a guest, its QEMU, its agent, or for much data on disk.</summary>
    Long,

    /// <summary>Migrations, and saving what is in memory: minutes or hours, so that four of them hold up no start.</summary>
    Migration,
}
