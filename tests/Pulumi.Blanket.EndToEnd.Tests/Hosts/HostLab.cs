using Pulumi.Blanket.EndToEnd.Tests.Support;
using Pulumi.Blanket.Lab.Definition;
using Pulumi.Blanket.Lab.Hosts;

namespace Pulumi.Blanket.EndToEnd.Tests.Hosts;

/// <summary>Hosts that become part of the layer and are given back: two prepared, one bare, one behind NAT.</summary>
public sealed class HostLab() : CloudLabBase(
    "hosts",
    new HostDefinition { Name = "aws-1", Cloud = "aws", StorageGiB = 4 },
    new HostDefinition { Name = "gcp-1", Cloud = "gcp", StorageGiB = 4 },
    new HostDefinition { Name = "bare-1", Cloud = "azure", StorageGiB = 4, Bare = true },
    new HostDefinition { Name = "onprem-1", Cloud = "onprem", StorageGiB = 4, Behind = "aws-1" })
{
    /// <summary>As a cloud's image is: no libvirt, no QEMU, no WireGuard.</summary>
    public LabHost Bare => Lab.Host("bare-1");
}
