using System.Xml.Linq;
using Pulumi.Blanket.Libvirt.Domains;
using Pulumi.Blanket.Libvirt.Errors;
using Pulumi.Blanket.Libvirt.Parameters;
using Pulumi.Blanket.Libvirt.Wire;

namespace Pulumi.Blanket.Libvirt;

// Domains: finding, defining, running, reading.
public sealed partial class LibvirtClient
{
    public Task<IReadOnlyList<DomainReference>> ListDomainsAsync(DomainListOptions options = DomainListOptions.None, CancellationToken cancellationToken = default)
        => CallAsync<IReadOnlyList<DomainReference>>(Procedures.ConnectListAllDomains, writer => writer.Bool(true).UInt((uint)options),
            (ref reader) => reader.ReadList(WireLimits.MaxDomains, DomainReference.Read), cancellationToken);

    /// <exception cref="LibvirtException">With <see cref="LibvirtErrorCode.NoDomain"/>: there is none of that UUID.</exception>
    public Task<DomainReference> GetDomainAsync(Guid uuid, CancellationToken cancellationToken = default)
        => CallAsync(Procedures.DomainLookupByUuid, writer => writer.Uuid(uuid), DomainReference.Read, cancellationToken);

    /// <exception cref="LibvirtException">With <see cref="LibvirtErrorCode.NoDomain"/>: there is none of that name.</exception>
    public Task<DomainReference> GetDomainAsync(string name, CancellationToken cancellationToken = default)
        => CallAsync(Procedures.DomainLookupByName, writer => writer.String(name), DomainReference.Read, cancellationToken);

    /// <summary>As <see cref="GetDomainAsync(Guid, CancellationToken)"/>, with null for none.</summary>
    public Task<DomainReference?> FindDomainAsync(Guid uuid, CancellationToken cancellationToken = default) => OrNullAsync(GetDomainAsync(uuid, cancellationToken));

    /// <summary>As <see cref="GetDomainAsync(string, CancellationToken)"/>, with null for none.</summary>
    public Task<DomainReference?> FindDomainAsync(string name, CancellationToken cancellationToken = default) => OrNullAsync(GetDomainAsync(name, cancellationToken));

    /// <summary>Defines a domain, or changes the definition of the one with the same UUID and name.</summary>
    /// <param name="validate">Has libvirt check the XML against its schema first.</param>
    public Task<DomainReference> DefineDomainAsync(XElement definition, bool validate = false, CancellationToken cancellationToken = default)
        => CallAsync(Procedures.DomainDefineXmlFlags, writer => writer.String(LibvirtXml.ToText(definition)).UInt(validate ? 1u : 0), DomainReference.Read, cancellationToken);

    /// <summary>Starts a domain that is off.</summary>
    /// <returns>The domain with the number of its run.</returns>
    public Task<DomainReference> StartAsync(DomainReference domain, DomainStartOptions options = DomainStartOptions.None, CancellationToken cancellationToken = default)
        => CallAsync(Procedures.DomainCreateWithFlags, writer => Write(writer, domain).UInt((uint)options), DomainReference.Read, cancellationToken);

    /// <summary>Asks the guest to shut down; does not wait until it has.</summary>
    public Task ShutdownAsync(DomainReference domain, DomainShutdownOptions options = DomainShutdownOptions.None, CancellationToken cancellationToken = default)
        => CallAsync(Procedures.DomainShutdownFlags, writer => Write(writer, domain).UInt((uint)options), cancellationToken);

    /// <summary>Asks the guest to restart; does not wait until it has.</summary>
    public Task RebootAsync(DomainReference domain, DomainShutdownOptions options = DomainShutdownOptions.None, CancellationToken cancellationToken = default)
        => CallAsync(Procedures.DomainReboot, writer => Write(writer, domain).UInt((uint)options), cancellationToken);

    /// <summary>Ends the domain's process, as pulling the plug does.</summary>
    public Task DestroyAsync(DomainReference domain, DomainDestroyOptions options = DomainDestroyOptions.None, CancellationToken cancellationToken = default)
        => CallAsync(Procedures.DomainDestroyFlags, writer => Write(writer, domain).UInt((uint)options), cancellationToken);

    /// <summary>Takes the definition away; a domain that runs goes on, and is gone when it ends. Disks stay.</summary>
    public Task UndefineAsync(DomainReference domain, DomainUndefineOptions options = DomainUndefineOptions.None, CancellationToken cancellationToken = default)
        => CallAsync(Procedures.DomainUndefineFlags, writer => Write(writer, domain).UInt((uint)options), cancellationToken);

    /// <summary>Stops the domain's CPUs.</summary>
    public Task SuspendAsync(DomainReference domain, CancellationToken cancellationToken = default)
        => CallAsync(Procedures.DomainSuspend, writer => Write(writer, domain), cancellationToken);

    /// <summary>Lets the domain's CPUs go on.</summary>
    public Task ResumeAsync(DomainReference domain, CancellationToken cancellationToken = default)
        => CallAsync(Procedures.DomainResume, writer => Write(writer, domain), cancellationToken);

    /// <summary>
    /// Writes what is in the domain's memory to a file of libvirt's, and ends its process; the next start goes on from there. A domain that is paused is paused then, too. Returns when it is done; it is a
    /// job, which can be aborted.
    /// </summary>
    public Task SaveAsync(DomainReference domain, CancellationToken cancellationToken = default)
        => CallAsync(Procedures.DomainManagedSave, writer => Write(writer, domain).UInt(0), cancellationToken);

    public Task<DomainStatus> GetStatusAsync(DomainReference domain, CancellationToken cancellationToken = default)
        => CallAsync(Procedures.DomainGetState, writer => Write(writer, domain).UInt(0),
            (ref reader) => new DomainStatus((DomainState)reader.ReadInt(), reader.ReadInt()), cancellationToken);

    public Task<DomainInfo> GetInfoAsync(DomainReference domain, CancellationToken cancellationToken = default)
        => CallAsync(Procedures.DomainGetInfo, writer => Write(writer, domain),
            (ref reader) => new DomainInfo(
                (DomainState)reader.ReadUInt(), reader.ReadUHyper(), reader.ReadUHyper(), (int)reader.ReadUInt(),
                TimeSpan.FromTicks((long)(reader.ReadUHyper() / TimeSpan.NanosecondsPerTick))),
            cancellationToken);

    /// <summary>True for a domain with a definition, also while it runs; false for one that is gone when it ends.</summary>
    public Task<bool> IsPersistentAsync(DomainReference domain, CancellationToken cancellationToken = default)
        => CallAsync(Procedures.DomainIsPersistent, writer => Write(writer, domain), (ref reader) => reader.ReadBool(), cancellationToken);

    /// <summary>The domain as it runs, or with <see cref="DomainXmlOptions.Inactive"/> as it is defined.</summary>
    public Task<XElement> GetXmlAsync(DomainReference domain, DomainXmlOptions options = DomainXmlOptions.None, CancellationToken cancellationToken = default)
        => CallXmlAsync(Procedures.DomainGetXmlDesc, writer => Write(writer, domain).UInt((uint)options), cancellationToken);

    /// <summary>A caller's own element in a domain's metadata; null where there is none.</summary>
    /// <param name="namespaceUri">The namespace that the element is in.</param>
    public async Task<XElement?> GetMetadataAsync(DomainReference domain, string namespaceUri, DomainScope scope = DomainScope.Current, CancellationToken cancellationToken = default)
    {
        try
        {
            return await CallXmlAsync(Procedures.DomainGetMetadata, writer => Write(writer, domain).Int(MetadataElement).OptionalString(namespaceUri).UInt((uint)scope), cancellationToken);
        }
        catch (LibvirtException fault) when (fault.Code is LibvirtErrorCode.NoDomainMetadata)
        {
            return null;
        }
    }

    /// <summary>Sets a caller's own element in a domain's metadata.</summary>
    /// <param name="prefix">For the namespace, in the domain's XML.</param>
    /// <param name="element">Takes the place of the one in the same namespace; null removes it.</param>
    public Task SetMetadataAsync(DomainReference domain, string prefix, string namespaceUri, XElement? element, DomainScope scope = DomainScope.Current, CancellationToken cancellationToken = default)
        => CallAsync(Procedures.DomainSetMetadata,
            writer => Write(writer, domain).Int(MetadataElement).OptionalString(element is null ? null : LibvirtXml.ToText(element)).OptionalString(prefix).OptionalString(namespaceUri).UInt((uint)scope),
            cancellationToken);

    /// <summary>Whether libvirtd itself starts the domain when the host boots.</summary>
    public Task SetAutostartAsync(DomainReference domain, bool autostart, CancellationToken cancellationToken = default)
        => CallAsync(Procedures.DomainSetAutostart, writer => Write(writer, domain).Bool(autostart), cancellationToken);

    /// <summary>Figures of several domains in one call.</summary>
    /// <param name="domains">None: of all.</param>
    /// <param name="wait">False leaves out what a busy domain would have to be waited for (<c>VIR_CONNECT_GET_ALL_DOMAINS_STATS_NOWAIT</c>).</param>
    public Task<IReadOnlyList<DomainStatistics>> GetStatisticsAsync(
        IReadOnlyCollection<DomainReference> domains, DomainStatisticsGroups groups = DomainStatisticsGroups.None, bool wait = false, CancellationToken cancellationToken = default)
        => CallAsync<IReadOnlyList<DomainStatistics>>(Procedures.ConnectGetAllDomainStats,
            writer => writer.List(domains, WireLimits.MaxDomains, DomainReference.Write).UInt((uint)groups).UInt(wait ? 0 : 1u << 29),
            (ref reader) => reader.ReadList(WireLimits.MaxDomains,
                (ref inner) => new DomainStatistics(DomainReference.Read(ref inner), TypedParameters.Read(ref inner, WireLimits.MaxDomainStats))),
            cancellationToken);

    /// <summary>Sends a command to the agent in the guest, as JSON, and gives its answer.</summary>
    /// <param name="timeoutSeconds">How long libvirt waits for the agent; -1 is libvirt's own default, 5 s.</param>
    /// <exception cref="LibvirtException">With <see cref="LibvirtErrorCode.AgentUnresponsive"/>: no agent answers in the guest.</exception>
    public Task<string?> CallAgentAsync(DomainReference domain, string command, int timeoutSeconds = -1, CancellationToken cancellationToken = default)
        => CallAsync(Procedures.DomainAgentCommand, writer => Write(writer, domain).String(command).Int(timeoutSeconds).UInt(0), (ref reader) => reader.ReadOptionalString(), cancellationToken);

    /// <summary><c>VIR_DOMAIN_METADATA_ELEMENT</c>.</summary>
    private const int MetadataElement = 2;

    private static XdrWriter Write(XdrWriter writer, DomainReference domain)
    {
        DomainReference.Write(writer, domain);
        return writer;
    }

    private static async Task<DomainReference?> OrNullAsync(Task<DomainReference> lookup)
    {
        try
        {
            return await lookup;
        }
        catch (LibvirtException fault) when (fault.Code is LibvirtErrorCode.NoDomain)
        {
            return null;
        }
    }

    private async Task<XElement> CallXmlAsync(Procedure procedure, Action<XdrWriter>? arguments, CancellationToken cancellationToken)
        => LibvirtXml.Parse(await CallAsync(procedure, arguments, (ref reader) => reader.ReadString(), cancellationToken));
}
