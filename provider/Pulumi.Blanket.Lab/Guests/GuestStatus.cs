namespace Pulumi.Blanket.Lab.Guests;

/// <summary>What the tiny guest answers to <c>GET /status</c>.</summary>
/// <param name="MemoryCounter">Grows 10 times a second, kept in memory: smaller than before means that the guest started anew.</param>
/// <param name="DiskCounter">Grows twice a second, synced before it is shown; goes on after a restart.</param>
public sealed record GuestStatus(
    string Hostname, double UptimeSeconds, long MemoryCounter, long DiskCounter, int Cpus, int MemoryMiB,
    int MemoryMiBps, int DiskMiBps, IReadOnlyList<string> Addresses, IReadOnlyList<GuestDisk> Disks);
