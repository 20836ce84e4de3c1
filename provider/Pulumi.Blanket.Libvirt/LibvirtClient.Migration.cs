using System.Text.Json;
using System.Text.RegularExpressions;
using Pulumi.Blanket.Libvirt.Domains;
using Pulumi.Blanket.Libvirt.Migration;
using Pulumi.Blanket.Libvirt.Parameters;
using Pulumi.Blanket.Libvirt.Wire;

namespace Pulumi.Blanket.Libvirt;

// Migrations, and the jobs that they are.
public sealed partial class LibvirtClient
{
    /// <summary>
    /// Migrates a domain peer to peer: this libvirtd connects to the other one and sees it through, also when this client is gone. Returns
    /// when it is done. After a lost connection ask <see cref="GetJobAsync"/> what became of it.
    /// </summary>
    /// <param name="destinationUri">How this libvirtd reaches the other, such as <c>qemu+unix:///system?socket=/run/peer.sock</c>.</param>
    /// <param name="options"><see cref="MigrationOptions.PeerToPeer"/> is added.</param>
    public Task MigrateAsync(DomainReference domain, string destinationUri, MigrationOptions options, MigrationParameters parameters, CancellationToken cancellationToken = default)
        => CallAsync(Procedures.DomainMigratePerform3Params,
            writer => Write(writer, domain)
                .OptionalString(destinationUri)
                .List(parameters.ToParameters(), WireLimits.MaxMigrationParameters, TypedParameter.Write)
                .Opaque([])
                .UInt((uint)(options | MigrationOptions.PeerToPeer)),
            (ref reader) => reader.ReadOpaque(WireLimits.MaxMigrationCookieBytes).Length,
            cancellationToken);

    /// <summary>The job of a domain that runs; <see cref="JobType.None"/> where there is none.</summary>
    /// <param name="completed">Asks for the last one that is done instead, on the side that still has the domain.</param>
    /// <param name="keepCompleted">Lets it be asked for again.</param>
    public Task<JobStatistics> GetJobAsync(DomainReference domain, bool completed = false, bool keepCompleted = true, CancellationToken cancellationToken = default)
        => CallAsync(Procedures.DomainGetJobStats, writer => Write(writer, domain).UInt(completed ? JobCompletedFlag | (keepCompleted ? JobKeepFlag : 0) : 0),
            (ref reader) => new JobStatistics((JobType)reader.ReadInt(), TypedParameters.Read(ref reader, WireLimits.MaxJobStats)), cancellationToken);

    /// <summary>Ends the domain's job. The call that began the job then fails, with one of several codes: look at states, not at texts.</summary>
    public Task AbortJobAsync(DomainReference domain, CancellationToken cancellationToken = default)
        => CallAsync(Procedures.DomainAbortJob, writer => Write(writer, domain), cancellationToken);

    /// <summary>The downtime below which a live migration switches over.</summary>
    public Task SetMaxDowntimeAsync(DomainReference domain, ulong downtimeMs, CancellationToken cancellationToken = default)
        => CallAsync(Procedures.DomainMigrateSetMaxDowntime, writer => Write(writer, domain).UHyper(downtimeMs).UInt(0), cancellationToken);

    /// <param name="postCopy">Sets the limit of the post-copy phase instead.</param>
    public Task SetMaxSpeedAsync(DomainReference domain, ulong bandwidthMiBps, bool postCopy = false, CancellationToken cancellationToken = default)
        => CallAsync(Procedures.DomainMigrateSetMaxSpeed, writer => Write(writer, domain).UHyper(bandwidthMiBps).UInt(postCopy ? 1u : 0), cancellationToken);

    /// <summary>Switches a migration that was begun with <see cref="MigrationOptions.PostCopy"/> over to post-copy. From then on it can't be aborted.</summary>
    public Task StartPostCopyAsync(DomainReference domain, CancellationToken cancellationToken = default)
        => CallAsync(Procedures.DomainMigrateStartPostCopy, writer => Write(writer, domain).UInt(0), cancellationToken);

    /// <summary>
    /// Has QEMU give up a migration that libvirt left half-way without a job that could be aborted: one by post-copy whose connection broke just before it was switched over. Does nothing where there
    /// is none. QEMU needs a moment for it. libvirt notes in its log that the domain is tainted by that.
    /// </summary>
    public Task CancelForgottenMigrationAsync(DomainReference domain, CancellationToken cancellationToken = default)
        => AskMonitorAsync(domain, """{"execute":"migrate_cancel"}""", cancellationToken);

    /// <summary>
    /// Removes from QEMU the connections for copies of disks that a libvirtd left there which was killed while it began a migration; every later one fails over them (<c>Duplicate nodes</c>). Does
    /// nothing where there are none, or where they are in use. libvirt notes in its log that the domain is tainted by that.
    /// </summary>
    public async Task RemoveForgottenCopyAsync(DomainReference domain, CancellationToken cancellationToken = default)
    {
        using var nodes = JsonDocument.Parse(await AskMonitorAsync(domain, """{"execute":"query-named-block-nodes","arguments":{"flat":true}}""", cancellationToken));
        var names = nodes.RootElement.GetProperty("return").EnumerateArray().Select(static node => node.GetProperty("node-name").GetString()!);

        // The format lies on the storage, and goes first.
        foreach (var name in names.Where(static name => CopyNode().IsMatch(name)).Order(StringComparer.Ordinal).ToList())
        {
            await AskMonitorAsync(domain, $$$"""{"execute":"blockdev-del","arguments":{"node-name":"{{{name}}}"}}""", cancellationToken);
        }
    }

    private Task<string> AskMonitorAsync(DomainReference domain, string command, CancellationToken cancellationToken)
        => CallAsync(Procedures.DomainMonitorCommand, writer => Write(writer, domain).String(command).UInt(0), (ref reader) => reader.ReadString(), cancellationToken);

    // libvirt's names for them: migration-vda-format, migration-vda-storage.
    [GeneratedRegex(@"\Amigration-[a-z0-9]+-(format|storage)\z")]
    private static partial Regex CopyNode();

    /// <summary><c>VIR_DOMAIN_JOB_STATS_COMPLETED</c>.</summary>
    private const uint JobCompletedFlag = 1 << 0;

    /// <summary><c>VIR_DOMAIN_JOB_STATS_KEEP_COMPLETED</c>.</summary>
    private const uint JobKeepFlag = 1 << 1;
}
