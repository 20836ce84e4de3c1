using System.Xml.Linq;
using Pulumi.Blanket.Libvirt;
using Pulumi.Blanket.Libvirt.Domains;
using Pulumi.Blanket.Libvirt.Errors;

namespace Pulumi.Blanket.Agent.Hypervisor;

/// <summary>Which of the host's domains are ours: those whose metadata say so.</summary>
internal static class BlanketDomains
{
    /// <summary>Of our element in a domain's metadata; its attribute <c>fabric</c> names the fabric's id.</summary>
    public const string Namespace = "urn:pulumi-blanket:domain:1";

    /// <summary>Our domains by name, with the fabric that each belongs to.</summary>
    public static async Task<IReadOnlyList<(string Name, string FabricId)>> ListAsync(LibvirtClient libvirt, CancellationToken cancellationToken)
    {
        List<(string Name, string FabricId)> ours = [];
        foreach (var domain in await libvirt.ListDomainsAsync(cancellationToken: cancellationToken))
        {
            if (await ReadAsync(libvirt, domain, cancellationToken) is { } element)
            {
                ours.Add((domain.Name, (string?)element.Attribute("fabric") ?? ""));
            }
        }

        return ours;
    }

    private static async Task<XElement?> ReadAsync(LibvirtClient libvirt, DomainReference domain, CancellationToken cancellationToken)
    {
        try
        {
            return await libvirt.GetMetadataAsync(domain, Namespace, cancellationToken: cancellationToken);
        }
        catch (LibvirtException fault) when (fault.IsNotFound)
        {
            return null; // the domain ended between the two calls
        }
    }
}
