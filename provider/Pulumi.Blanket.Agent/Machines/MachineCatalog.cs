using System.Xml.Linq;
using Pulumi.Blanket.Agent.Fabrics;
using Pulumi.Blanket.Agent.Hypervisor;
using Pulumi.Blanket.Agent.Images;
using Pulumi.Blanket.Agent.Registry;
using Pulumi.Blanket.Agent.Volumes;
using Pulumi.Blanket.Libvirt;
using Pulumi.Blanket.Libvirt.Domains;
using Pulumi.Blanket.Libvirt.Errors;

namespace Pulumi.Blanket.Agent.Machines;

/// <summary>Finds the fabric's machines among this host's domains. Nothing is remembered: what libvirt says is true. One that is only arriving is none of this host's yet.</summary>
internal sealed class MachineCatalog(FabricStore fabrics, HostLibvirt libvirt, IOpenMoves moves) : IImageUsers, IVolumeUsers
{
    /// <returns>Null where this host has no such machine of the fabric.</returns>
    public async Task<FoundMachine?> FindAsync(string uuid, CancellationToken cancellationToken)
    {
        if (!RegistryCheck.IsUuid(uuid) || !HostLibvirt.IsInstalled)
        {
            return null;
        }

        var client = await libvirt.GetAsync(cancellationToken);
        return await client.FindDomainAsync(Guid.Parse(uuid), cancellationToken) is { } domain ? await ReadAsync(client, domain, cancellationToken) : null;
    }

    public async Task<IReadOnlyList<FoundMachine>> ListAsync(CancellationToken cancellationToken)
    {
        if (!HostLibvirt.IsInstalled)
        {
            return [];
        }

        var client = await libvirt.GetAsync(cancellationToken);
        var domains = await client.ListDomainsAsync(cancellationToken: cancellationToken);
        var found = await Task.WhenAll(domains.Select(domain => ReadAsync(client, domain, cancellationToken)));
        return [.. found.OfType<FoundMachine>().OrderBy(machine => machine.Domain.Name, StringComparer.Ordinal)];
    }

    /// <summary>SHA-256 of all images that machines here use.</summary>
    public async Task<IEnumerable<string>> UsedImagesAsync(CancellationToken cancellationToken)
        => (await ListAsync(cancellationToken)).SelectMany(machine => MachineImages.Of(machine.Record.Spec)).Concat(moves.UsedImages);

    public async Task<IEnumerable<string>> NamesUsingAsync(string sha256, CancellationToken cancellationToken)
        => (await ListAsync(cancellationToken)).Where(machine => MachineImages.Of(machine.Record.Spec).Contains(sha256)).Select(machine => machine.Record.Spec.Name);

    public async Task<FoundMachine?> FindUsingVolumeAsync(string uuid, CancellationToken cancellationToken)
    {
        var path = VolumeStore.PathOf(uuid);
        return (await ListAsync(cancellationToken)).FirstOrDefault(machine => DiskPaths(machine.Defined).Concat(DiskPaths(machine.Live)).Contains(path));
    }

    async Task<VolumeUser?> IVolumeUsers.FindAsync(string uuid, CancellationToken cancellationToken)
        => await FindUsingVolumeAsync(uuid, cancellationToken) is { } user ? new VolumeUser(user.Uuid, user.Record.Spec.Name, user.IsActive, user.Domain) : null;

    public async Task WriteAsync(FoundMachine found, MachineMetadata metadata, CancellationToken cancellationToken)
        => await (await libvirt.GetAsync(cancellationToken)).SetMetadataAsync(
            found.Domain, MachineMetadata.Prefix, MachineMetadata.Namespace.NamespaceName, metadata.ToBareXml(), found.IsActive ? DomainScope.Both : DomainScope.Config, cancellationToken);

    /// <summary>The disks' files, as a domain's XML names them.</summary>
    public static IEnumerable<string> DiskPaths(XElement? domain)
        => (domain?.Element("devices")?.Elements("disk") ?? []).Select(disk => (string?)disk.Element("source")?.Attribute("file")).OfType<string>();

    private async Task<FoundMachine?> ReadAsync(LibvirtClient client, DomainReference domain, CancellationToken cancellationToken)
    {
        try
        {
            var status = client.GetStatusAsync(domain, cancellationToken);
            var defined = await client.GetXmlAsync(domain, DomainXmlOptions.Inactive | DomainXmlOptions.Secure, cancellationToken);
            var element = defined.Element("metadata")?.Elements().FirstOrDefault(child => child.Name.Namespace == MachineMetadata.Namespace);
            var state = await status;
            if (moves.IsElsewhere(domain.Uuid.ToString()) || MachineMetadata.TryRead(element) is not { } metadata || metadata.FabricId != fabrics.Current?.FabricId)
            {
                return null;
            }

            var isActive = state.State is not (DomainState.ShutOff or DomainState.Crashed or DomainState.None);
            return new FoundMachine(domain, metadata, state, defined, isActive ? await client.GetXmlAsync(domain, cancellationToken: cancellationToken) : null);
        }
        catch (LibvirtException fault) when (fault.IsNotFound)
        {
            return null; // it ended between two calls
        }
    }
}
