using Pulumi.Blanket.Libvirt.Parameters;

namespace Pulumi.Blanket.Libvirt.Migration;

/// <summary>Figures of a domain's job; what libvirt does not tell is null. Names from <c>VIR_DOMAIN_JOB_*</c> in <c>include/libvirt/libvirt-domain.h</c>.</summary>
public sealed record JobStatistics(JobType Type, TypedParameters Parameters)
{
    /// <summary>True while a job runs.</summary>
    public bool IsActive => Type is JobType.Bounded or JobType.Unbounded;

    /// <summary>What is being done (<c>virDomainJobOperation</c>): 4 arrives by migration, 5 leaves by migration.</summary>
    public long? Operation => Parameters.GetLong("operation");

    public ulong? ElapsedMs => Parameters.GetULong("time_elapsed");

    /// <summary>Expected while the job runs, measured when it is done.</summary>
    public ulong? DowntimeMs => Parameters.GetULong("downtime");

    public ulong? DataTotalBytes => Parameters.GetULong("data_total");

    public ulong? DataProcessedBytes => Parameters.GetULong("data_processed");

    public ulong? DataRemainingBytes => Parameters.GetULong("data_remaining");

    public ulong? MemoryTotalBytes => Parameters.GetULong("memory_total");

    public ulong? MemoryProcessedBytes => Parameters.GetULong("memory_processed");

    public ulong? MemoryRemainingBytes => Parameters.GetULong("memory_remaining");

    /// <summary>Passes over memory so far.</summary>
    public ulong? MemoryIteration => Parameters.GetULong("memory_iteration");

    /// <summary>Pages that the guest writes per second.</summary>
    public ulong? DirtyPagesPerSecond => Parameters.GetULong("memory_dirty_rate");

    public ulong? PageSizeBytes => Parameters.GetULong("memory_page_size");

    public ulong? DiskTotalBytes => Parameters.GetULong("disk_total");

    public ulong? DiskProcessedBytes => Parameters.GetULong("disk_processed");

    public ulong? DiskRemainingBytes => Parameters.GetULong("disk_remaining");

    /// <summary>Why the job failed, if it did.</summary>
    public string? Error => Parameters.GetString("errmsg");
}
